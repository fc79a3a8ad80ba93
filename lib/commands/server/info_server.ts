// info_server.ts: INFO's sections about the process: server, cpu, modules, cluster, TLS.

import { REDIS_VERSION, VALKEY_VERSION } from "../../version.ts";
import type { Ctx } from "../context.ts";
import { type InfoText, seconds } from "./info_text.ts";

const SECONDS_PER_DAY = 86400;

export function infoServer(ctx: Ctx, info: InfoText): void {
  const { server, config, nowMs } = ctx;
  const uptime = Math.floor((nowMs - server.startMs) / 1000);
  const isCompatible = config.flag("extended-redis-compatibility");
  info.section("Server");
  info.lines({
    redis_version: REDIS_VERSION,
    server_name: "valkey",
    valkey_version: VALKEY_VERSION,
    valkey_release_stage: "ga",
    redis_git_sha1: "00000000",
    redis_git_dirty: 0,
    [isCompatible ? "redis_mode" : "server_mode"]: "standalone",
    os: server.process.os,
    arch_bits: 64,
    runtime: server.process.runtime,
    process_id: server.process.pid,
    process_supervised: "no",
    run_id: server.runId,
    tcp_port: server.tcpPort,
    server_time_usec: nowMs * 1000,
    uptime_in_seconds: uptime,
    uptime_in_days: Math.floor(uptime / SECONDS_PER_DAY),
    hz: config.text("hz"),
    configured_hz: config.text("hz"),
    clients_hz: config.text("hz"),
    lru_clock: ctx.keyspace.lruSeconds,
    executable: server.process.executable,
    config_file: server.configFile,
    io_threads_active: 0,
    availability_zone: config.text("availability-zone"),
  });
  if (server.shutdownAtMs > 0) {
    info.line("shutdown_in_milliseconds", server.shutdownAtMs - nowMs);
  }
  server.listeners.forEach(({ name, binds, port }, i) => {
    const words = [`name=${name}`, ...binds.map((bind) => `bind=${bind}`)];
    if (port > 0) words.push(`port=${port}`);
    info.line(`listener${i}`, words.join(","));
  });
}

export function infoCpu(ctx: Ctx, info: InfoText): void {
  const { user, system } = ctx.server.process.cpuUs();
  info.section("CPU");
  info.lines({
    used_cpu_sys: seconds(system),
    used_cpu_user: seconds(user),
    used_cpu_sys_children: seconds(0),
    used_cpu_user_children: seconds(0),
    used_active_time_main_thread: seconds(ctx.server.usec.reduce((sum, usec) => sum + usec, 0)),
  });
}

/** No certificates are in use. */
export function infoTls(_ctx: Ctx, info: InfoText): void {
  info.section("TLS");
  for (const owner of ["server", "client", "ca"]) {
    info.line(`tls_${owner}_cert_serial`, "none");
    info.line(`tls_${owner}_cert_expires_in_seconds`, 0);
  }
}

/** There are no modules. */
export function infoModules(_ctx: Ctx, info: InfoText): void {
  info.section("Modules");
}

export function infoCluster(_ctx: Ctx, info: InfoText): void {
  info.section("Cluster");
  info.line("cluster_enabled", 0);
}

/** Says something only in cluster mode. */
export function infoClusterInfo(_ctx: Ctx, info: InfoText): void {
  info.section("Cluster Info");
}
