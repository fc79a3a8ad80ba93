// info_memory.ts: INFO's section about memory.

import { reclaimPending } from "../../engine/reclaim.ts";
import type { Ctx } from "../context.ts";
import { bytesForHumans, type InfoText, percent, ratio } from "./info_text.ts";
import { measureMemory } from "./memory_use.ts";

export const ALLOCATOR_NAME = "sigrun-arena";

export function infoMemory(ctx: Ctx, info: InfoText): void {
  const { config, keyspace, server } = ctx;
  const use = measureMemory(ctx);
  const system = server.process.systemMemoryBytes;
  const limit = config.number("maxmemory");
  info.section("Memory");
  info.lines({
    used_memory: use.used,
    used_memory_human: bytesForHumans(use.used),
    used_memory_rss: use.resident,
    used_memory_rss_human: bytesForHumans(use.resident),
    used_memory_peak: use.peak,
    used_memory_peak_human: bytesForHumans(use.peak),
    used_memory_peak_perc: percent(use.used, use.peak),
    used_memory_overhead: use.overhead,
    used_memory_startup: use.startup,
    used_memory_dataset: use.dataset,
    used_memory_dataset_perc: percent(use.dataset, use.used - use.startup),
    allocator_allocated: use.allocated,
    allocator_active: use.active,
    allocator_resident: use.touched,
    allocator_muzzy: 0,
    total_system_memory: system,
    total_system_memory_human: bytesForHumans(system),
    maxmemory: limit,
    maxmemory_human: bytesForHumans(limit),
    maxmemory_policy: config.text("maxmemory-policy"),
    allocator_frag_ratio: ratio(use.active, use.allocated),
    allocator_frag_bytes: use.active - use.allocated,
    allocator_rss_ratio: ratio(use.touched, use.active),
    allocator_rss_bytes: use.touched - use.active,
    rss_overhead_ratio: ratio(use.resident, use.touched),
    rss_overhead_bytes: use.resident - use.touched,
    mem_fragmentation_ratio: ratio(use.resident, use.used),
    mem_fragmentation_bytes: use.resident - use.used,
    mem_not_counted_for_evict: use.aofBuffer + use.replicas + use.replicaBuffers,
    mem_replication_backlog: use.backlog,
    mem_total_replication_buffers: use.backlog + use.replicaBuffers + use.replicas,
    mem_replicas_repl_buffer: use.replicaBuffers,
    mem_clients_slaves: use.replicas,
    mem_clients_normal: use.clients,
    mem_cluster_links: 0,
    mem_cluster_slot_import: 0,
    mem_cluster_slot_export: 0,
    mem_aof_buffer: use.aofBuffer,
    mem_allocator: ALLOCATOR_NAME,
    mem_overhead_db_hashtable_rehashing: 0,
    active_defrag_running: server.defrag.running,
    lazyfree_pending_objects: reclaimPending(keyspace),
    lazyfreed_objects: keyspace.reclaimedKeys,
  });
}
