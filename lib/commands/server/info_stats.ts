// info_stats.ts: INFO's section of counters. Counters of features that do not exist yet stand at 0.

import type { Ctx } from "../context.ts";
import type { InfoText } from "./info_text.ts";

export function infoStats(ctx: Ctx, info: InfoText): void {
  info.section("Stats");
  traffic(ctx, info);
  keys(ctx, info);
  machinery(ctx, info);
}

function traffic(ctx: Ctx, info: InfoText): void {
  const { stats } = ctx.server;
  info.lines({
    total_connections_received: stats.totalConnections,
    total_commands_processed: stats.totalCommands,
    instantaneous_ops_per_sec: stats.instantaneousOps,
    total_net_input_bytes: stats.netInputBytes,
    total_net_output_bytes: stats.netOutputBytes,
    total_net_repl_input_bytes: stats.replicationInputBytes,
    total_net_repl_output_bytes: stats.replicationOutputBytes,
    total_net_cluster_slot_import_bytes: 0,
    total_net_cluster_slot_export_bytes: 0,
    instantaneous_input_kbps: stats.instantaneousInputKbps.toFixed(2),
    instantaneous_output_kbps: stats.instantaneousOutputKbps.toFixed(2),
    instantaneous_input_repl_kbps: "0.00",
    instantaneous_output_repl_kbps: "0.00",
    rejected_connections: stats.rejectedConnections,
    sync_full: stats.fullSyncs,
    sync_partial_ok: stats.partialSyncs,
    sync_partial_err: stats.partialSyncsRefused,
  });
}

function keys(ctx: Ctx, info: InfoText): void {
  const { stats, defrag } = ctx.server;
  info.lines({
    expired_keys: ctx.keyspace.expiredKeys,
    expired_fields: ctx.keyspace.expiredFields,
    expired_stale_perc: stats.expiredStalePercent.toFixed(2),
    expired_keys_with_volatile_items_stale_perc: stats.expiredFieldsStalePercent.toFixed(2),
    expired_time_cap_reached_count: stats.expiredTimeCapReached,
    expire_cycle_cpu_milliseconds: Math.floor(stats.activeExpireCycleUs / 1000),
    evicted_keys: stats.evictedKeys,
    evicted_clients: stats.evictedClients,
    evicted_scripts: 0,
    total_eviction_exceeded_time: Math.floor(stats.evictionExceededTotalUs / 1000),
    current_eviction_exceeded_time: Math.floor(stats.evictionExceededUs / 1000),
    keyspace_hits: stats.keyspaceHits,
    keyspace_misses: stats.keyspaceMisses,
    pubsub_channels: ctx.pubsub.countNames("channel"),
    pubsub_patterns: ctx.pubsub.countNames("pattern"),
    pubsubshard_channels: ctx.pubsub.countNames("shard"),
    latest_fork_usec: 0,
    total_forks: 0,
    migrate_cached_sockets: ctx.server.peers?.count ?? 0,
    slave_expires_tracked_keys: ctx.server.replicaKeyCount,
    active_defrag_hits: defrag.hits,
    active_defrag_misses: defrag.misses,
    active_defrag_key_hits: defrag.keyHits,
    active_defrag_key_misses: defrag.keyMisses,
    total_active_defrag_time: defrag.totalTimeMs,
    current_active_defrag_time: defrag.currentMs,
    tracking_total_keys: ctx.tracking.keyCount,
    tracking_total_items: ctx.tracking.itemCount,
    tracking_total_prefixes: ctx.tracking.prefixCount,
  });
}

function machinery(ctx: Ctx, info: InfoText): void {
  const { stats, usec } = ctx.server;
  const busyUs = Math.floor(usec.reduce((sum, one) => sum + one, 0));
  info.lines({
    unexpected_error_replies: stats.unexpectedErrors,
    total_error_replies: stats.totalErrorReplies,
    dump_payload_sanitizations: 0,
    total_reads_processed: stats.totalReads,
    total_writes_processed: stats.totalWrites,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
    io_threaded_freed_objects: 0,
    io_threaded_accept_processed: 0,
    io_threaded_poll_processed: 0,
    io_threaded_total_prefetch_batches: 0,
    io_threaded_total_prefetch_entries: 0,
    client_query_buffer_limit_disconnections: stats.queryBufferLimitDisconnections,
    client_output_buffer_limit_disconnections: stats.outputBufferLimitDisconnections,
    reply_buffer_shrinks: 0,
    reply_buffer_expands: 0,
    // A cycle is one read or one tick; parsing and running commands are measured together.
    eventloop_cycles: stats.totalReads + stats.cronTicks,
    eventloop_duration_sum: busyUs + Math.floor(stats.cronUs),
    eventloop_duration_cmd_sum: busyUs,
    instantaneous_eventloop_cycles_per_sec: stats.instantaneousCycles,
    instantaneous_eventloop_duration_usec: stats.instantaneousCycleUs,
    acl_access_denied_auth: 0,
    acl_access_denied_cmd: 0,
    acl_access_denied_key: 0,
    acl_access_denied_channel: 0,
    acl_access_denied_tls_cert: 0,
    acl_access_denied_db: 0,
  });
}

/** Figures about the machinery, shown only to who asks for them. */
export function infoDebug(ctx: Ctx, info: InfoText): void {
  const { stats } = ctx.server;
  info.section("Debug");
  info.lines({
    eventloop_duration_aof_sum: 0,
    eventloop_duration_cron_sum: Math.floor(stats.cronUs),
    eventloop_duration_max: Math.floor(stats.batchUsMax),
    // Commands that are measured alone make a cycle of one.
    eventloop_cmd_per_cycle_max: Math.max(stats.batchCommandsMax, 1),
    io_threaded_reads_pending: 0,
    io_threaded_writes_pending: 0,
  });
}
