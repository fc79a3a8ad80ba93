// info_commands.ts: INFO's sections about single commands and errors.

import type { Ctx } from "../context.ts";
import type { InfoText } from "./info_text.ts";

/** Names may hold anything; these characters would break the lines. */
function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, "_");
}

export function infoCommandStats(ctx: Ctx, info: InfoText): void {
  const { table, server } = ctx;
  info.section("Commandstats");
  for (let id = 0; id < table.count; id++) {
    const calls = server.calls[id];
    const rejected = server.rejected[id];
    const failed = server.failed[id];
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const usec = Math.floor(server.usec[id]);
    const perCall = (calls === 0 ? 0 : server.usec[id] / calls).toFixed(2);
    info.line(
      `cmdstat_${safeName(table.specs[id].name.toLowerCase())}`,
      `calls=${calls},usec=${usec},usec_per_call=${perCall},` +
        `rejected_calls=${rejected},failed_calls=${failed}`,
    );
  }
}

export function infoErrorStats(ctx: Ctx, info: InfoText): void {
  info.section("Errorstats");
  const prefixes = [...ctx.server.errorCounts.keys()].sort();
  for (const prefix of prefixes) {
    info.line(`errorstat_${safeName(prefix)}`, `count=${ctx.server.errorCounts.get(prefix)}`);
  }
}

/** Percentiles of the time that calls took, as latency-tracking-info-percentiles asks for. */
export function infoLatencyStats(ctx: Ctx, info: InfoText): void {
  const { table, server, config } = ctx;
  info.section("Latencystats");
  if (!config.flag("latency-tracking")) return;
  const percents = config.text("latency-tracking-info-percentiles").split(" ")
    .filter((text) => text !== "").map(Number);
  for (let id = 0; id < table.count; id++) {
    if (!server.latency.hasHistogram(id)) continue;
    const values = percents.map((percent) =>
      `p${percent}=${(server.latency.percentileNs(id, percent) / 1000).toFixed(3)}`
    );
    const name = safeName(table.specs[id].name.toLowerCase());
    info.line(`latency_percentiles_usec_${name}`, values.join(","));
  }
}
