// memory_use.ts: where the memory is: one measurement for INFO memory, MEMORY STATS and MEMORY DOCTOR.
//
//   used = data in the arena + buffers of connections
//   data = tables of the databases (overhead) + records and values (data set)

import { dictBytes, dictCount } from "../../engine/dict.ts";
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
  clients: number;
  /** Tables of all databases and buffers of connections. */
  overhead: number;
  dataset: number;
  keys: number;
  databases: DatabaseUse[];
}

/** Bytes of the tables of one database that has keys or was ever selected. */
export interface DatabaseUse {
  index: number;
  keys: number;
  main: number;
  expires: number;
}

export function measureMemory(ctx: Ctx): MemoryUse {
  const { arena, dbs } = ctx.keyspace;
  const { stats, process } = ctx.server;
  const clients = ctx.clients.summary().bytes;
  const used = arena.usedBytes + clients;
  stats.peakMemory = Math.max(stats.peakMemory, used, arena.peakBytes);
  let overhead = clients;
  let keys = 0;
  const databases: DatabaseUse[] = [];
  for (const db of dbs) {
    const main = dictBytes(arena, db.main);
    const expires = dictBytes(arena, db.expires);
    overhead += main + expires + dictBytes(arena, db.volatileHashes);
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
    overhead,
    dataset: Math.max(0, used - overhead),
    keys,
    databases,
  };
}
