// info_persistence.ts: INFO's sections about what outlives this process: persistence and replication.
//
// There is no append-only file yet; its fields say so.

import type { Ctx } from "../context.ts";
import type { InfoText } from "./info_text.ts";

export function infoPersistence(ctx: Ctx, info: InfoText): void {
  const { server } = ctx;
  const save = server.persistence?.state;
  const isSaving = save?.isSaving === true;
  info.section("Persistence");
  info.lines({
    loading: 0,
    async_loading: 0,
    current_cow_peak: 0,
    current_cow_size: 0,
    current_cow_size_age: 0,
    current_fork_perc: isSaving
      ? (100 * save.keysDone / Math.max(1, save.keysTotal)).toFixed(2)
      : "0.00",
    current_save_keys_processed: isSaving ? save.keysDone : 0,
    current_save_keys_total: isSaving ? save.keysTotal : 0,
    rdb_changes_since_last_save: server.dirty,
    rdb_bgsave_in_progress: isSaving ? 1 : 0,
    rdb_last_save_time: Math.floor(server.lastSaveMs / 1000),
    rdb_last_bgsave_status: save?.wasGood === false ? "err" : "ok",
    rdb_last_bgsave_time_sec: save?.lastSeconds ?? -1,
    rdb_current_bgsave_time_sec: isSaving ? Math.floor((ctx.nowMs - save.startedMs) / 1000) : -1,
    rdb_saves: save?.saves ?? 0,
    rdb_last_cow_size: 0,
    rdb_last_load_keys_expired: save?.expiredKeys ?? 0,
    rdb_last_load_keys_loaded: save?.loadedKeys ?? 0,
    aof_enabled: 0,
    aof_rewrite_in_progress: 0,
    aof_rewrite_scheduled: 0,
    aof_last_rewrite_time_sec: -1,
    aof_current_rewrite_time_sec: -1,
    aof_last_bgrewrite_status: "ok",
    aof_rewrites: 0,
    aof_rewrites_consecutive_failures: 0,
    aof_last_write_status: "ok",
    aof_last_cow_size: 0,
    module_fork_in_progress: 0,
    module_fork_last_cow_size: 0,
    slot_migration_fork_in_progress: 0,
  });
}

const NO_REPLICATION_ID = "0".repeat(40);

export function infoReplication(ctx: Ctx, info: InfoText): void {
  info.section("Replication");
  info.lines({
    role: "master",
    connected_slaves: ctx.server.persistence?.followerCount ?? 0,
    replicas_waiting_psync: 0,
    master_failover_state: "no-failover",
    master_replid: ctx.server.replicationId,
    master_replid2: NO_REPLICATION_ID,
    master_repl_offset: 0,
    second_repl_offset: -1,
    repl_backlog_active: 0,
    repl_backlog_size: ctx.config.number("repl-backlog-size"),
    repl_backlog_first_byte_offset: 0,
    repl_backlog_histlen: 0,
  });
}
