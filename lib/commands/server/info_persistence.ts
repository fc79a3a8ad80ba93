// info_persistence.ts: INFO's section about what outlives this process.

import type { Ctx } from "../context.ts";
import type { AofState, LoadingView } from "../server_view.ts";
import type { InfoText } from "./info_text.ts";

export function infoPersistence(ctx: Ctx, info: InfoText): void {
  const { server } = ctx;
  const save = server.persistence?.state;
  const isSaving = save?.isSaving === true;
  const isForReplicas = server.replication?.state().isSavingForReplicas === true;
  const aof = server.persistence?.aof?.state ?? NO_AOF;
  const loading = server.persistence?.loading ?? null;
  info.section("Persistence");
  info.lines({
    loading: loading !== null && !loading.isBeside ? 1 : 0,
    async_loading: loading?.isBeside ? 1 : 0,
    current_cow_peak: 0,
    current_cow_size: 0,
    current_cow_size_age: 0,
    current_fork_perc: isSaving
      ? (100 * save.keysDone / Math.max(1, save.keysTotal)).toFixed(2)
      : "0.00",
    current_save_keys_processed: isSaving ? save.keysDone : 0,
    current_save_keys_total: isSaving ? save.keysTotal : 0,
    rdb_changes_since_last_save: server.dirty,
    rdb_bgsave_in_progress: isSaving || isForReplicas ? 1 : 0,
    rdb_last_save_time: Math.floor(server.lastSaveMs / 1000),
    rdb_last_bgsave_status: save?.wasGood === false ? "err" : "ok",
    rdb_last_bgsave_time_sec: save?.lastSeconds ?? -1,
    rdb_current_bgsave_time_sec: isSaving ? Math.floor((ctx.nowMs - save.startedMs) / 1000) : -1,
    rdb_saves: save?.saves ?? 0,
    rdb_last_cow_size: 0,
    rdb_last_load_keys_expired: save?.expiredKeys ?? 0,
    rdb_last_load_keys_loaded: save?.loadedKeys ?? 0,
    aof_enabled: aof.isEnabled ? 1 : 0,
    aof_rewrite_in_progress: aof.isRewriting ? 1 : 0,
    aof_rewrite_scheduled: aof.isScheduled ? 1 : 0,
    aof_last_rewrite_time_sec: aof.lastRewriteSeconds,
    aof_current_rewrite_time_sec: aof.isRewriting
      ? Math.floor((ctx.nowMs - aof.rewriteStartedMs) / 1000)
      : -1,
    aof_last_bgrewrite_status: aof.wasRewriteGood ? "ok" : "err",
    aof_rewrites: aof.rewrites,
    aof_rewrites_consecutive_failures: aof.failures,
    aof_last_write_status: aof.problem === "" ? "ok" : "err",
    aof_last_cow_size: 0,
    module_fork_in_progress: 0,
    module_fork_last_cow_size: 0,
    slot_migration_fork_in_progress: 0,
  });
  if (aof.isEnabled) infoAof(info, aof);
  if (loading !== null) infoLoading(ctx, info, loading);
}

function infoAof(info: InfoText, aof: AofState): void {
  info.lines({
    aof_current_size: aof.currentSize,
    aof_base_size: aof.baseSize,
    aof_pending_rewrite: aof.isScheduled ? 1 : 0,
    aof_buffer_length: aof.bufferBytes,
    aof_pending_bio_fsync: aof.isSyncing ? 1 : 0,
    aof_delayed_fsync: aof.delayedSyncs,
  });
}

function infoLoading(ctx: Ctx, info: InfoText, loading: LoadingView): void {
  const { startMs, totalBytes, loadedBytes, usedMemory } = loading;
  const startSeconds = Math.floor(startMs / 1000);
  const seconds = Math.floor(ctx.nowMs / 1000) - startSeconds;
  const left = Math.max(1, totalBytes - loadedBytes);
  info.lines({
    loading_start_time: startSeconds,
    loading_total_bytes: totalBytes,
    loading_rdb_used_mem: usedMemory,
    loading_loaded_bytes: loadedBytes,
    loading_loaded_perc: (totalBytes > 0 ? 100 * loadedBytes / totalBytes : 0).toFixed(2),
    // In the first second nothing can be said.
    loading_eta_seconds: seconds <= 0 ? 1 : Math.floor(seconds * left / (loadedBytes + 1)),
  });
}

/** How an append-only file is that nobody writes. */
const NO_AOF: AofState = {
  isEnabled: false,
  isRewriting: false,
  isScheduled: false,
  rewriteStartedMs: 0,
  lastRewriteSeconds: -1,
  wasRewriteGood: true,
  rewrites: 0,
  failures: 0,
  problem: "",
  currentSize: 0,
  baseSize: 0,
  bufferBytes: 0,
  isSyncing: false,
  delayedSyncs: 0,
};
