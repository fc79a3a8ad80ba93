// info_clients.ts: INFO's section about connections.

import type { Ctx } from "../context.ts";
import type { InfoText } from "./info_text.ts";

export function infoClients(ctx: Ctx, info: InfoText): void {
  const sums = ctx.clients.summary();
  info.section("Clients");
  info.lines({
    connected_clients: ctx.clients.count - sums.replicas,
    cluster_connections: 0,
    maxclients: ctx.config.text("maxclients"),
    client_recent_max_input_buffer: sums.inputBytesMax,
    client_recent_max_output_buffer: sums.outputBytesMax,
    blocked_clients: sums.blocked,
    tracking_clients: sums.tracking,
    pubsub_clients: sums.pubsub,
    watching_clients: sums.watching,
    clients_in_timeout_table: sums.waitingWithTimeout,
    total_watched_keys: sums.watchedKeys,
    total_blocking_keys: sums.blockingKeys,
    total_blocking_keys_on_nokey: sums.blockingKeysOnNoKey,
    paused_reason: sums.paused === null ? "none" : pauseReason(ctx),
    paused_actions: sums.paused ?? "none",
    paused_timeout_milliseconds: sums.paused === null ? 0 : sums.pausedUntilMs - ctx.nowMs,
  });
}

function pauseReason(ctx: Ctx): string {
  if (ctx.server.shutdownAtMs > 0) return "shutdown_in_progress";
  const failover = ctx.server.replication?.state().failover ?? "no-failover";
  return failover === "no-failover" ? "client_pause" : "failover_in_progress";
}
