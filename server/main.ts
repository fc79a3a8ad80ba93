// main.ts: `sigrun serve`: from the command line to a running server and to its exit code.

import { rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { ALL_COMMANDS } from "../lib/commands/table.ts";
import type { Log } from "../lib/platform/mod.ts";
import type { Config } from "../lib/session/config/config.ts";
import { REDIS_VERSION, SIGRUN_VERSION, VALKEY_VERSION } from "../lib/version.ts";
import { type CommandLineFacts, parseServerCommandLine } from "./command_line.ts";
import { configFileAt, pathOf, PROCESS_HOST, systemWords, textOf } from "./config_host.ts";
import { DiskFiles } from "./files.ts";
import { FileLog } from "./log.ts";
import { processLoop } from "./event_loop.ts";
import { Server } from "./server.ts";

const LOG_LEVELS = ["debug", "verbose", "notice", "warning", "nothing"];

const FACTS: CommandLineFacts = {
  versionLine: `Valkey server v=${VALKEY_VERSION} sha=00000000:0 malloc=arena bits=64 ` +
    `build=sigrun-${SIGRUN_VERSION}`,
  version: VALKEY_VERSION,
  commands: ALL_COMMANDS.filter((spec) => !spec.name.includes("|")).map((spec) =>
    spec.name.toLowerCase()
  ),
};

/** Runs the server; resolves with the exit code when it ends. */
export async function serverMain(args: string[]): Promise<number> {
  const started = parseServerCommandLine(args.map(textOf), PROCESS_HOST, FACTS);
  if (started.kind === "exit") {
    process.stdout.write(started.stdout);
    process.stderr.write(started.stderr);
    const log = new FileLog("", process.pid);
    for (const line of started.log) log.write(line.level, line.text);
    return started.exitCode;
  }
  const { config, configFile } = started;
  const log = new FileLog(pathOf(config.text("logfile")), process.pid);
  followLog(config, log);
  config.options = {
    ...config.options,
    log,
    directory: PROCESS_HOST.directory,
    ...(configFile === "" ? {} : { file: configFileAt(configFile) }),
  };
  log.write(2, "oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo");
  log.write(
    2,
    `Valkey version=${VALKEY_VERSION}, bits=64, served by Sigrun ${SIGRUN_VERSION}, ` +
      `pid=${process.pid}, just started`,
  );
  if (configFile !== "") log.write(2, "Configuration loaded");
  for (const line of started.log) log.write(line.level, line.text);
  return await run(config, configFile, log);
}

function followLog(config: Config, log: FileLog): void {
  const apply = () => {
    log.level = LOG_LEVELS.indexOf(config.text("loglevel")) as FileLog["level"];
    log.format = config.text("log-format");
    log.timestamps = config.text("log-timestamp-format");
    return "";
  };
  apply();
  for (const name of ["loglevel", "log-format", "log-timestamp-format"]) {
    config.onApply(name, apply);
  }
}

async function run(config: Config, configFile: string, log: FileLog): Promise<number> {
  const loop = await processLoop();
  return await new Promise<number>((resolve) => {
    const server = new Server(config, log, loop, {
      ending: () => removePidFile(config, log),
      exit: resolve,
    }, new DiskFiles());
    server.engine.server.configFile = configFile;
    banner(config, log);
    const problem = server.listen();
    if (problem !== "") {
      log.write(3, problem);
      resolve(1);
      return;
    }
    // Before anyone is told that the server is there, for then it may be asked to end.
    onSignals(server, log, resolve);
    writePidFile(config, log);
    log.write(2, "Server initialized");
    const loading = server.persistence.beginLoad((problem, isCorrupt) => {
      if (problem === "") return ready(server, config, log);
      removePidFile(config, log);
      server.close();
      log.write(3, problem);
      log.write(3, isCorrupt ? BAD_SNAPSHOT : BAD_DATA);
      resolve(1);
    });
    loading?.runInBackground();
  });
}

const BAD_DATA = "Fatal error loading the DB, check server logs. Exiting.";
const BAD_SNAPSHOT = "Terminating server after rdb file reading failure.";

function ready(server: Server, config: Config, log: FileLog): void {
  server.replication.start();
  server.loaded();
  if (server.port > 0) log.write(2, "Ready to accept connections tcp");
  if (config.text("unixsocket") !== "") log.write(2, "Ready to accept connections unix");
}

/** The lines that say who listens where; scripts that start servers read the pid from them. */
function banner(config: Config, log: FileLog): void {
  const { pid } = process;
  if (!config.flag("always-show-logo") && !process.stdout.isTTY) {
    log.write(2, `Running mode=standalone, port=${config.text("port")}.`);
    return;
  }
  log.raw(
    `\n    Sigrun ${SIGRUN_VERSION}, a Valkey ${VALKEY_VERSION} server (Redis ${REDIS_VERSION} protocol)\n` +
      `    Running in standalone mode\n    Port: ${config.text("port")}\n    PID: ${pid}\n` +
      `    Try: sigrun cli -p ${config.text("port")}\n\n`,
  );
}

function onSignals(server: Server, log: Log, exit: (code: number) => void): void {
  const stop = (name: string) => {
    const isLoading = server.engine.isLoading;
    log.write(
      3,
      isLoading
        ? "Received shutdown signal during loading, scheduling shutdown."
        : `Received ${name} scheduling shutdown...`,
    );
    const words = server.config.text(`shutdown-on-${name.toLowerCase()}`).split(" ");
    server.shutdown({
      save: words.includes("save") ? "save" : words.includes("nosave") ? "nosave" : "default",
      now: words.includes("now"),
      force: words.includes("force"),
      safe: words.includes("safe"),
      failover: false,
    });
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => {
    if (server.engine.server.shutdownAtMs === 0) return stop("SIGINT");
    log.write(3, "You insist... exiting now.");
    exit(1);
  });
  // What no boundary caught: the server goes on, the stack is in the log.
  process.on("uncaughtException", (error) => {
    server.engine.server.stats.unexpectedErrors++;
    log.write(3, `Unexpected error: ${error.stack ?? error.message}`);
  });
}

function writePidFile(config: Config, log: Log): void {
  const path = config.text("pidfile");
  if (path === "") return;
  try {
    writeFileSync(pathOf(path), `${process.pid}\n`);
  } catch (error) {
    log.write(3, `Failed to write PID file: ${systemWords(error)}`);
  }
}

function removePidFile(config: Config, log: Log): void {
  const path = config.text("pidfile");
  if (path === "") return;
  log.write(2, "Removing the pid file.");
  rmSync(pathOf(path), { force: true });
}
