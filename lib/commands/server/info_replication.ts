// info_replication.ts: INFO's section about who follows whom.

import type { Ctx } from "../context.ts";
import type { PrimaryState, ReplicationState } from "../replication_view.ts";
import type { InfoText } from "./info_text.ts";

export function infoReplication(ctx: Ctx, info: InfoText): void {
  const { replication } = ctx.server;
  if (replication === null) return;
  const state = replication.state();
  info.section("Replication");
  info.line("role", state.primary === null ? "master" : "slave");
  if (state.primary !== null) primaryLines(ctx, info, state.primary);
  replicaLines(ctx, info, state);
  const { backlog } = state;
  info.lines({
    replicas_waiting_psync: 0,
    master_failover_state: state.failover,
    master_replid: state.id,
    master_replid2: state.id2,
    master_repl_offset: state.offset,
    second_repl_offset: state.secondOffset,
    repl_backlog_active: backlog === null ? 0 : 1,
    repl_backlog_size: ctx.config.number("repl-backlog-size"),
    repl_backlog_first_byte_offset: backlog?.first ?? 0,
    repl_backlog_histlen: backlog?.length ?? 0,
  });
}

function primaryLines(ctx: Ctx, info: InfoText, primary: PrimaryState): void {
  const { config } = ctx;
  const isUp = primary.link === "connected";
  info.lines({
    master_host: primary.host,
    master_port: primary.port,
    master_link_status: isUp ? "up" : "down",
    master_last_io_seconds_ago: isUp ? primary.lastIoSeconds : -1,
    master_sync_in_progress: primary.link === "sync" ? 1 : 0,
    slave_read_repl_offset: primary.readOffset,
    slave_repl_offset: primary.offset,
    replicas_repl_buffer_size: 0,
    replicas_repl_buffer_peak: 0,
  });
  const { transfer } = primary;
  if (transfer !== null) {
    const { total, read } = transfer;
    info.lines({
      master_sync_total_bytes: total,
      master_sync_read_bytes: read,
      master_sync_left_bytes: total - read,
      master_sync_perc: (total > 0 ? read * 100 / total : 0).toFixed(2),
      master_sync_last_io_seconds_ago: transfer.lastIoSeconds,
    });
  }
  if (!isUp) info.line("master_link_down_since_seconds", primary.downSeconds);
  info.lines({
    slave_priority: config.number("replica-priority"),
    slave_read_only: config.flag("replica-read-only") ? 1 : 0,
    replica_announced: config.flag("replica-announced") ? 1 : 0,
  });
}

function replicaLines(ctx: Ctx, info: InfoText, state: ReplicationState): void {
  const { config } = ctx;
  info.line("connected_slaves", state.replicas.length);
  if (config.number("min-replicas-to-write") > 0 && config.number("min-replicas-max-lag") > 0) {
    info.line("min_slaves_good_slaves", state.goodReplicas);
  }
  for (const [i, replica] of state.replicas.entries()) {
    const { ip, port, offset, lagSeconds } = replica;
    info.line(
      `slave${i}`,
      `ip=${ip},port=${port},state=${replica.state},offset=${offset},lag=${lagSeconds},type=replica`,
    );
  }
}
