// server.ts: an engine with listeners, a timer and an orderly end.

import { chmodSync, rmSync } from "node:fs";
import type { ShutdownOptions } from "../lib/commands/server_view.ts";
import type { Files, Log, Socket } from "../lib/platform/mod.ts";
import type { Config } from "../lib/session/config/config.ts";
import { createEngine, type Engine } from "../lib/session/engine.ts";
import { errorCode, pathOf, systemWords } from "./config_host.ts";
import { Cron } from "./cron.ts";
import type { EventLoop } from "./event_loop.ts";
import type { Listening, Receiver, SocketOptions } from "./net.ts";
import { Persistence } from "./persistence.ts";
import { Farewell } from "./farewell.ts";
import { giveToGroup } from "./groups.ts";
import { Peers } from "./peers.ts";
import { Replication } from "./replication.ts";
import { dialTcp } from "./dial.ts";
import {
  detachesInBackground,
  systemClock,
  systemProcess,
  systemRandom,
  systemTimer,
} from "./platform.ts";
import { after } from "./timers.ts";

const DENIED =
  "-DENIED Running in protected mode because protected mode is enabled and no password is set for " +
  "the default user. In this mode connections are only accepted from the loopback interface. To connect from " +
  "elsewhere, turn protected mode off with CONFIG SET protected-mode no from the loopback interface, set " +
  "protected-mode no in the configuration file or on the command line, or set a password for the default user.\r\n";

/** What the process around a server does when the server ends. */
export interface ServerHost {
  /** Called when the end begins, before anything is closed. */
  ending(): void;
  /** Called once everything is closed. */
  exit(code: number): void;
}

/** A listening server. */
export class Server {
  readonly engine: Engine;
  readonly config: Config;
  private readonly log: Log;
  private readonly loop: EventLoop;
  private readonly host: ServerHost;
  private listeners: Listening[] = [];
  private cron: Cron;
  readonly persistence: Persistence;
  readonly replication: Replication;
  private readonly farewell: Farewell;
  private readonly peers = new Peers();
  private ended = false;
  /** The socket file this server made, "" when there is none. */
  private unixPath = "";
  private readonly keepAlive: SocketOptions;

  /** Without `files` nothing is loaded or saved. */
  constructor(
    config: Config,
    log: Log,
    loop: EventLoop,
    host: ServerHost,
    files: Files | null = null,
  ) {
    this.config = config;
    this.log = log;
    this.loop = loop;
    this.host = host;
    this.keepAlive = { keepAliveSeconds: config.number("tcp-keepalive") };
    this.engine = createEngine({
      clock: systemClock,
      random: systemRandom(),
      log,
      process: systemProcess(),
      config,
      control: {
        shutdown: (options) => this.shutdown(options),
        abortShutdown: () => this.farewell.abort(),
        sleep: (seconds) => {
          const cell = new Int32Array(new SharedArrayBuffer(4));
          Atomics.wait(cell, 0, 0, seconds * 1000);
        },
      },
      later: (run) => loop.later(run),
      afterTurn: (run) => loop.afterTurn(run),
      input: loop.input,
    });
    this.engine.keyspace.arena.detachBuffers = detachesInBackground;
    const fatal = () => {
      this.host.ending();
      this.host.exit(1);
    };
    this.persistence = new Persistence(this.engine, files, fatal);
    this.engine.server.persistence = this.persistence;
    this.replication = new Replication(
      this.engine,
      this.persistence,
      files,
      dialTcp,
      systemTimer,
      fatal,
    );
    this.engine.server.peers = this.peers;
    this.farewell = new Farewell(this.engine, {
      replicas: this.replication.replicas,
      streamEnd: () => this.replication.history.offset,
      requestAcks: () => this.replication.requestAcks(),
      end: (options) => this.end(options),
    });
    this.cron = new Cron(this.engine, this.persistence, this.replication, this.farewell);
    config.options = { ...config.options, isLoading: () => this.persistence.loading !== null };
    for (const [from, to] of config.renamedCommands) this.engine.table.rename(from, to);
    config.onApply("port", () => this.rebind("Unable to listen on this port. Check server logs."));
    config.onApply("bind", () => this.rebind("Failed to bind to specified addresses."));
    config.onApply("tcp-keepalive", () => {
      this.keepAlive.keepAliveSeconds = config.number("tcp-keepalive");
      return "";
    });
  }

  /**
   * Listens on the addresses of the changed configuration, then leaves those that are wanted no more; "" or `complaint`.
   * Addresses that stay are not touched: a runtime may take a moment to give one up.
   */
  private rebind(complaint: string): string {
    const port = this.config.number("port");
    const before = this.listeners;
    const wanted = bindWords(this.config.text("bind")).map(hostOf);
    const stays = (one: Listening) =>
      one.port === 0 || (one.port === port && wanted.includes(one.host));
    const leaving = before.filter((one) => !stays(one));
    // One address and all addresses cannot be bound beside each other on one port: the old go first then.
    const overlaps = leaving.filter((one) =>
      one.port === port && [...wanted, one.host].some((host) => host === "0.0.0.0" || host === "::")
    );
    for (const one of overlaps) one.close();
    this.listeners = before.filter(stays);
    const problem = this.listenTcp(false);
    if (problem === "") {
      for (const one of leaving) if (!overlaps.includes(one)) one.close();
      this.engine.server.tcpPort = this.port;
      return "";
    }
    this.listeners = before.filter((one) => !overlaps.includes(one));
    this.reopen(overlaps);
    return complaint;
  }

  private reopen(old: readonly Listening[]): void {
    for (const { host, port } of old) {
      const backlog = this.config.number("tcp-backlog");
      try {
        this.listeners.push(this.openListener({ host, port, backlog }));
      } catch (error) {
        this.log.write(3, `Could not listen on ${host}:${port} again: ${bindReason(error)}`);
      }
    }
  }

  /** The TCP port listened on, 0 when there is none. */
  get port(): number {
    return this.listeners.find((listening) => listening.port > 0)?.port ?? 0;
  }

  /** To be called when the data set is there. */
  loaded(): void {
    this.cron.loaded();
  }

  /**
   * Binds every address of the configuration; with `anyPort`, port 0 takes a free port instead of meaning no TCP.
   * Returns "" or why it could not; nothing is left bound then.
   */
  listen(anyPort = false): string {
    const problem = this.listenTcp(anyPort) || this.listenUnix();
    if (problem !== "") {
      this.close();
      return problem;
    }
    this.describeListeners();
    this.cron.start();
    return "";
  }

  /** Tells the engine where it can be reached, for INFO. */
  private describeListeners(): void {
    const { config, engine } = this;
    const binds = bindWords(config.text("bind")).map((word) => word === BOTH ? "*" : word);
    const path = config.text("unixsocket");
    engine.server.tcpPort = this.port;
    engine.server.listeners = [];
    if (this.port > 0) engine.server.listeners.push({ name: "tcp", binds, port: this.port });
    if (path !== "") engine.server.listeners.push({ name: "unix", binds: [path], port: 0 });
  }

  private listenTcp(anyPort: boolean): string {
    const { config } = this;
    const port = config.number("port");
    const words = bindWords(config.text("bind"));
    if ((port === 0 && !anyPort) || words.length === 0) return "";
    const before = this.listeners.length;
    for (const word of words) {
      const problem = this.bind(word, port);
      if (problem === "") continue;
      for (const listening of this.listeners.splice(before)) listening.close();
      return problem;
    }
    if (this.port > 0) return "";
    return `Failed listening on port ${port} (tcp), aborting.`;
  }

  private listenUnix(): string {
    const path = this.config.text("unixsocket");
    return path === "" ? "" : this.bindUnix(pathOf(path));
  }

  private bind(word: string, port: number): string {
    const backlog = this.config.number("tcp-backlog");
    const optional = word.startsWith("-");
    const name = optional ? word.slice(1) : word;
    const host = hostOf(word);
    if (port > 0 && this.listeners.some((one) => one.port === port && one.host === host)) return "";
    try {
      const actual = port === 0 && this.port > 0 ? this.port : port;
      this.listeners.push(this.openListener({ host, port: actual, backlog }));
      return "";
    } catch (error) {
      const reason = bindReason(error);
      // No IPv6 on this system: all addresses of IPv4 will do.
      if (name === BOTH && reason !== IN_USE) return this.bind("*", port);
      if (optional && ABSENT.includes(reason)) return "";
      const shown = name === BOTH ? "*" : name;
      this.log.write(
        3,
        `Warning: Could not create server TCP listening socket ${shown}:${port}: ${reason}`,
      );
      return `Failed listening on port ${port} (tcp), aborting.`;
    }
  }

  private bindUnix(path: string): string {
    const backlog = this.config.number("tcp-backlog");
    try {
      rmSync(path, { force: true }); // what an earlier server left behind
      this.listeners.push(this.openListener({ host: "", port: 0, path, backlog }));
      this.unixPath = path;
      const mode = this.config.number("unixsocketperm");
      if (mode > 0) chmodSync(path, mode);
      const group = this.config.text("unixsocketgroup");
      if (group !== "") giveToGroup(path, group);
      return "";
    } catch (error) {
      return `Failed opening Unix socket: ${bindReason(error)}`;
    }
  }

  private removeUnixSocket(): void {
    if (this.unixPath === "") return;
    this.log.write(2, "Removing the unix socket file.");
    rmSync(this.unixPath, { force: true });
    this.unixPath = "";
  }

  private openListener(
    address: { host: string; port: number; path?: string; backlog: number },
  ): Listening {
    return this.loop.listen(address, this.keepAlive, (socket) => this.accept(socket));
  }

  /** Checks limits, then makes a session. */
  private accept(socket: Socket): Receiver | null {
    const { engine } = this;
    if (engine.clients.count >= this.config.number("maxclients")) {
      engine.server.stats.rejectedConnections++;
      return refuse(socket, "-ERR max number of clients reached\r\n");
    }
    if (this.config.flag("protected-mode") && !engine.authRequired && !isLocal(socket)) {
      engine.server.stats.rejectedConnections++;
      return refuse(socket, DENIED);
    }
    return engine.connect(socket);
  }

  /** Ends the server once its replicas have everything. Returns "" or why not. */
  shutdown(options: ShutdownOptions): string {
    if (this.ended) return "";
    const { standstill } = this.engine;
    if (standstill.isOn) {
      standstill.after(() => this.shutdown(options));
      return "";
    }
    this.log.write(2, "User requested shutdown...");
    return this.farewell.begin(options);
  }

  /** Listeners, clients, then the host. */
  private end(options: ShutdownOptions): string {
    if (this.ended) return "";
    // Half a data set must not take the place of the whole one.
    const save = this.engine.isLoading ? "nosave" : options.save;
    const problem = this.persistence.saveAtEnd(save);
    if (problem !== "" && !options.force) return problem;
    this.ended = true;
    after(0, () => {
      this.host.ending();
      this.close();
      this.log.write(3, "Valkey is now ready to exit, bye bye...");
      this.host.exit(0);
    });
    return "";
  }

  /** Closes listeners, the timer and every client. */
  close(): void {
    this.cron.stop();
    this.replication.close();
    this.persistence.close();
    this.peers.close();
    for (const listening of this.listeners) listening.close();
    this.listeners = [];
    this.removeUnixSocket();
    for (const session of [...this.engine.clients.sessions.values()]) session.close();
  }
}

/** All addresses of both families; one dual-stack listener serves them. */
const BOTH = "*+::*";
const IN_USE = "bind: Address already in use";
/** Reasons for which an address marked with "-" may be missing. */
const ABSENT = [
  "bind: Address family not supported by protocol",
  "bind: Cannot assign requested address",
];

/** The words of `bind`; "*" together with "::*" becomes BOTH, since one would keep the other from binding. */
function bindWords(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const isAll6 = (word: string) => word === "::*" || word === "-::*";
  if (!words.includes("*") || !words.some(isAll6)) return words;
  return words.filter((word) => !isAll6(word)).map((word) => word === "*" ? BOTH : word);
}

/** The host to bind for a word of `bind`. */
function hostOf(word: string): string {
  const name = word.startsWith("-") ? word.slice(1) : word;
  if (name === "*") return "0.0.0.0";
  return name === "::*" || name === BOTH ? "::" : name;
}

function refuse(socket: Socket, text: string): null {
  const bytes = new TextEncoder().encode(text);
  socket.write(bytes, 0, bytes.length);
  socket.end();
  return null;
}

function isLocal(socket: Socket): boolean {
  return socket.isUnix || socket.remote.startsWith("127.") || socket.remote.startsWith("[::1]");
}

/** Why an address cannot be bound, in the words of the operating system on either runtime. */
function bindReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (errorCode(error) !== "") return `bind: ${systemWords(error)}`;
  // Without a code it is the name that could not be resolved; Bun says only that it failed.
  return /^Failed to listen|lookup address/.test(message) ? "Name or service not known" : message;
}
