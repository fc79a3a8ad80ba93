// memory_use.ts: where the memory is: one measurement for INFO memory, MEMORY STATS and MEMORY DOCTOR.
//
//   used     = data in the arena + buffers of connections, of the append-only file, and what is kept for replicas
//   overhead = what was there at the start (empty tables) + what tables have grown by + buffers
//   data set = used - overhead: records and values

import { DICT_BYTES_MIN, dictBytes, dictCount } from "../../engine/dict.ts";
import type { Ctx } from "../context.ts";

/** Bytes, by what they are for. */
export interface MemoryUse {
  used: number;
  peak: number;
  /** Live blocks of the arena, the pages they lie in, and all pages that were used since their segment was made. */
  allocated: number;
  active: number;
  touched: number;
  /** Resident set of the process. */
  resident: number;
  /** Connections but for those of replicas, those of replicas, and the replication backlog. */
  clients: number;
  replicas: number;
  /** What waits for replicas besides. */
  replicaBuffers: number;
  backlog: number;
  /** What waits to be written to the append-only file. */
  aofBuffer: number;
  /** What an empty server has. */
  startup: number;
  /** Tables of all databases and buffers of connections. */
  overhead: number;
  dataset: number;
  keys: number;
  databases: DatabaseUse[];
}

/** One database that has keys or was ever selected: bytes that its tables have grown by. */
export interface DatabaseUse {
  index: number;
  keys: number;
  main: number;
  /** Tables of keys and of hashes with a time to live. */
  expires: number;
}

/** What a table has grown by since it was made. */
function grownBytes(ctx: Ctx, dict: number): number {
  return dictBytes(ctx.keyspace.arena, dict) - DICT_BYTES_MIN;
}

export function measureMemory(ctx: Ctx): MemoryUse {
  const { arena, dbs } = ctx.keyspace;
  const { stats, process } = ctx.server;
  const { bytes, replicaBytes: replicas } = ctx.clients.summary();
  const clients = bytes - replicas;
  const replication = ctx.server.replication?.state();
  const backlog = replication?.backlog?.bytes ?? 0;
  const replicaBuffers = replication?.replicaBytes ?? 0;
  const aofBuffer = ctx.server.persistence?.aof?.state.bufferBytes ?? 0;
  const buffers = clients + replicas + replicaBuffers + backlog + aofBuffer;
  const used = arena.usedBytes + buffers;
  stats.peakMemory = Math.max(stats.peakMemory, used, arena.peakBytes);
  const startup = dbs.length * 3 * DICT_BYTES_MIN;
  let overhead = startup + buffers;
  let keys = 0;
  const databases: DatabaseUse[] = [];
  for (const db of dbs) {
    const main = grownBytes(ctx, db.main);
    const expires = grownBytes(ctx, db.expires) + grownBytes(ctx, db.volatileHashes);
    overhead += main + expires;
    const count = dictCount(arena, db.main);
    keys += count;
    if (count > 0 || db.wasSelected) {
      databases.push({ index: db.index, keys: count, main, expires });
    }
  }
  return {
    used,
    peak: stats.peakMemory,
    allocated: arena.usedBytes,
    active: arena.spanBytes,
    touched: arena.touchedBytes,
    resident: process.residentBytes(),
    clients,
    replicas,
    replicaBuffers,
    backlog,
    aofBuffer,
    startup,
    overhead,
    dataset: Math.max(0, used - overhead),
    keys,
    databases,
  };
}
