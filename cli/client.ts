// client.ts: a conversation with one server: connects, authenticates, sends commands, shows what
// comes back, and remembers what the server remembers of it (database, protocol, MULTI,
// subscriptions, redirections).
//
// Failures have two forms, as in the original client: in interactive use a lost connection is
// reported and the next command connects again; otherwise it ends the program (CliExit).

import type { Reply } from "../lib/codec/reply_reader.ts";
import { isWord, latin1, textOf, utf8 } from "./byte_writer.ts";
import { ConnectError, type Connection, type Endpoint } from "./connection.ts";
import { type CliEnvironment, CliExit } from "./environment.ts";
import type { HelpTable } from "./help_table.ts";
import { type Io, sleep } from "./io.ts";
import type { Options } from "./options.ts";
import { formatPush, printReply } from "./output.ts";
import { alwaysRaw, isConfirmation, isPubSubPush, isSubscription } from "./reply_rules.ts";

/** What becomes of pushes while a reply is awaited. */
type PushRule = "drop" | "print" | "in-band";

/** How connecting is done. */
export type ConnectOptions = {
  /** Even when there is a connection. */
  force?: boolean;
  /** No message when it fails. */
  quiet?: boolean;
};

/** The state of the conversation. See the header of the file. */
export class Client {
  readonly options: Options;
  readonly io: Io;
  readonly environment: CliEnvironment;

  connection: Connection | null = null;
  /** Address in use; a redirection and CONNECT change it. */
  host: string;
  port: number;
  /** The database to be in after every connect. */
  wantedDb: number;
  db = 0;
  inMulti = false;
  pubSub = false;
  interactive = false;
  resp3 = false;
  serverVersion: string | null = null;
  /** Help on all commands, once it has been needed. */
  helpTable: HelpTable | null = null;
  /** Set while MONITOR streams; cleared to stop it. */
  monitoring = false;

  #pushes: PushRule = "drop";
  #dbBeforeMulti = 0;
  #subscribed = 0;
  #subscribedShards = 0;
  #shutDown = false;
  #reissue = false;
  #asking = false;
  #lastReply: Reply | null = null;
  #aborted = false;
  #busy = false;

  constructor(options: Options, io: Io, environment: CliEnvironment) {
    this.options = options;
    this.io = io;
    this.environment = environment;
    this.host = options.host;
    this.port = options.port;
    this.wantedDb = options.db;
  }

  /** "host:port", the path of a socket, or "embedded". */
  get address(): string {
    if (this.options.embedded) return "embedded";
    if (this.options.socketPath !== null) return this.options.socketPath;
    return `${this.host}:${this.port}`;
  }

  /** True while there is a connection that has not ended. */
  get connected(): boolean {
    return this.connection !== null;
  }

  /** Connects unless connected; false after saying why not. */
  async connect(how: ConnectOptions = {}): Promise<boolean> {
    if (this.connection === null || how.force === true) {
      this.drop();
      try {
        this.connection = await this.#open();
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        this.#sayNotConnected(error, how.quiet === true);
        return false;
      }
      this.resp3 = false;
      this.#pushes = "drop";
      if (!await this.#authenticate()) return false;
      if (!await this.#selectWanted()) return false;
      if (!await this.#switchProtocol()) return false;
    }
    if (this.options.showPushes) this.#pushes = "print";
    return true;
  }

  /** Closes the connection, if any, and forgets what the server knew. */
  drop(): void {
    this.connection?.close();
    this.connection = null;
    this.db = 0;
    this.inMulti = false;
    this.pubSub = false;
    this.#subscribed = this.#subscribedShards = 0;
  }

  /** Sends words and gives the next in-band reply without showing it; null: connection lost. */
  async ask(...words: (string | Uint8Array)[]): Promise<Reply | null> {
    const connection = this.connection;
    if (connection === null) return null;
    connection.send(words.map((word) => typeof word === "string" ? utf8(word) : word));
    return await this.nextReply();
  }

  /** The next reply that is not a push to be dropped or printed; null: connection lost. */
  async nextReply(): Promise<Reply | null> {
    const connection = this.connection;
    if (connection === null) return null;
    while (true) {
      const reply = await connection.read();
      if (reply === null || !this.#handlePush(reply)) return reply;
    }
  }

  /** Shows every reply that is here already, messages and pushes; true when there was one. */
  showWaitingReplies(): boolean {
    let any = false;
    while (this.connection !== null) {
      const reply = this.connection.take();
      if (reply === null) break;
      any = true;
      if (this.#handlePush(reply)) continue;
      this.show(reply, false);
      this.#notePubSub(reply);
    }
    return any;
  }

  /** Sends a command `repeat` times, connecting when needed; false when the connection failed. */
  async issue(words: readonly Uint8Array[], repeat: number): Promise<boolean> {
    this.#busy = true;
    this.#aborted = false;
    try {
      return await this.#issue(words, repeat);
    } finally {
      this.#busy = false;
    }
  }

  async #issue(words: readonly Uint8Array[], repeat: number): Promise<boolean> {
    if (isWord(words[0], "help") || isWord(words[0], "?")) {
      const { showHelp } = await import("./help.ts");
      await showHelp(this, words.slice(1).map(textOf));
      return true;
    }
    if (isWord(words[0], "sync") || isWord(words[0], "psync")) return await this.#follow(words);
    while (true) {
      if (this.#reissue || this.connection === null) {
        this.#reissue = false;
        if (!await this.connect({ force: true })) {
          this.sayConnectionError();
          return false;
        }
        if (this.#aborted) return true;
      }
      if (this.#asking && !await this.#sendAsking()) return false;
      if (!await this.#sendRepeatedly(words, repeat)) {
        this.sayConnectionError();
        this.drop();
        return false;
      }
      if (!this.#reissue) return true;
    }
  }

  /** What follows is a file and then an endless stream: false when it ends. */
  async #follow(words: readonly Uint8Array[]): Promise<boolean> {
    if (this.connection === null && !await this.connect({ force: true })) {
      this.sayConnectionError();
      return false;
    }
    const { showStreamOf } = await import("./mode_sync.ts");
    await showStreamOf(this, words);
    return this.connection !== null;
  }

  /** Shows the next reply and remembers it; false when the connection was lost. */
  async readAndShow(raw: boolean): Promise<boolean> {
    const reply = await this.nextReply();
    this.#lastReply = reply;
    if (reply === null) return await this.#connectionLost();
    if (this.options.clusterMode && this.#followRedirection(reply)) return true;
    if (!this.interactive && this.options.failOnError && reply.kind === "error") {
      this.io.err(textOf(reply.bytes) + "\n");
      throw new CliExit(1);
    }
    this.show(reply, raw);
    return true;
  }

  /** Prints a reply in the chosen form. `raw` prints it as it is, without a delimiter. */
  show(reply: Reply, raw: boolean): void {
    printReply(reply, this.options, raw, this.io.out);
  }

  /** Says why the connection ended, if there was one. */
  sayConnectionError(): void {
    if (this.connection === null) return;
    const text = this.connection.ended?.text ?? "";
    this.io.err(`Error: ${text}\n`);
  }

  /** Gives the command under way up, MONITOR too: the connection is closed and made again. */
  abort(): void {
    if (!this.#busy) return;
    this.#aborted = true;
    this.connection?.close();
  }

  async #open(): Promise<Connection> {
    const { connect } = await import("./connection.ts");
    const settings = { timeoutMs: this.options.connectTimeoutMs, tls: null };
    if (!this.options.tls) return await connect(this.#endpoint(), settings);
    const { readTlsSettings } = await import("./tls.ts");
    return await connect(this.#endpoint(), {
      ...settings,
      tls: readTlsSettings(this.options, this.host),
    });
  }

  #endpoint(): Endpoint {
    const { embedded, socketPath, preferIpv6 } = this.options;
    if (embedded) {
      const open = this.environment.embedded;
      if (open === undefined) throw new ConnectError("no embedded server in this program", false);
      return { kind: "embedded", open };
    }
    if (socketPath !== null) return { kind: "unix", path: socketPath };
    return {
      kind: "tcp",
      host: this.host,
      port: this.port,
      families: preferIpv6 ? [6, 4] : [4, 6],
    };
  }

  #sayNotConnected(error: ConnectError, quiet: boolean): void {
    if (error.tls) this.io.err(`Could not negotiate a TLS connection: ${error.message}\n`);
    else if (!quiet) {
      this.io.err(`Could not connect to Valkey at ${this.address}: ${error.message}\n`);
    }
  }

  async #authenticate(): Promise<boolean> {
    const { user, password } = this.options;
    if (password === null) return true;
    const words = user === null ? ["AUTH", password] : ["AUTH", user, password];
    return await this.#demand("AUTH", words) !== null;
  }

  async #selectWanted(): Promise<boolean> {
    if (this.wantedDb === this.db) return true;
    const db = String(this.wantedDb);
    if (await this.#demand(`SELECT ${db}`, ["SELECT", db]) === null) return false;
    this.db = this.wantedDb;
    return true;
  }

  async #switchProtocol(): Promise<boolean> {
    if (this.options.resp3 === "no" || this.options.resp2) return true;
    const reply = await this.#demand("HELLO 3", ["HELLO", "3"]);
    if (reply === null) return this.options.resp3 === "implied" && this.#alive();
    this.resp3 = true;
    for (let index = 0; index + 1 < reply.items.length; index += 2) {
      if (isWord(reply.items[index].bytes, "version")) {
        this.serverVersion = latin1(reply.items[index + 1].bytes);
      }
    }
    return true;
  }

  /** Asks; says what failed under the name `what` and gives null when it did. */
  async #demand(what: string, words: string[]): Promise<Reply | null> {
    const reply = await this.ask(...words);
    if (reply === null) {
      this.io.err("\nI/O error\n");
      return null;
    }
    if (reply.kind !== "error") return reply;
    this.io.err(`${what} failed: ${textOf(reply.bytes)}\n`);
    return null;
  }

  #alive(): boolean {
    return this.connection !== null && this.connection.ended === null;
  }

  async #sendAsking(): Promise<boolean> {
    this.#asking = false;
    if (await this.#demand("ASKING", ["ASKING"]) !== null) return true;
    this.sayConnectionError();
    return false;
  }

  /** True when the reply was a push that is not for the reader. */
  #handlePush(reply: Reply): boolean {
    if (reply.kind !== "push" || this.#pushes === "in-band") return false;
    if (this.#pushes === "print") this.io.out(formatPush(reply, this.options));
    return true;
  }

  async #connectionLost(): Promise<boolean> {
    if (this.#aborted) {
      this.#aborted = false;
      this.monitoring = false;
      return await this.connect({ force: true });
    }
    if (this.#shutDown) {
      this.drop();
      return true;
    }
    if (this.interactive && this.connection?.ended?.kind !== "protocol") return false;
    this.sayConnectionError();
    throw new CliExit(1);
  }

  /** Notes where a MOVED or ASK error points to; true when the reply was one. */
  #followRedirection(reply: Reply): boolean {
    if (reply.kind !== "error") return false;
    const parts = /^(MOVED|ASK) (\d+) (.*):(\d+)/.exec(textOf(reply.bytes));
    if (parts === null) return false;
    if (parts[3] !== "") this.host = parts[3];
    this.port = Number(parts[4]);
    if (this.interactive) {
      this.io.print(`-> Redirected to slot [${parts[2]}] located at ${this.host}:${this.port}\n`);
    }
    this.#reissue = true;
    this.#asking = parts[1] === "ASK";
    return true;
  }

  async #sendRepeatedly(words: readonly Uint8Array[], repeat: number): Promise<boolean> {
    const raw = !this.inMulti && alwaysRaw(words);
    if (isWord(words[0], "shutdown")) this.#shutDown = true;
    if (isWord(words[0], "monitor")) this.monitoring = true;
    let left = repeat;
    while (left !== 0) {
      if (this.connection === null) return false;
      this.connection.send(words);
      if (this.monitoring) return await this.#monitor(raw);
      if (!await this.#readAnswer(words, raw)) return false;
      if (this.#reissue || this.#lastReply === null) return true;
      await sleep(this.options.intervalMs);
      if (left > 0) left--;
    }
    return true;
  }

  async #monitor(raw: boolean): Promise<boolean> {
    while (this.monitoring) {
      if (!await this.readAndShow(raw)) {
        this.sayConnectionError();
        throw new CliExit(1);
      }
      if (this.#lastReply?.kind === "error") this.monitoring = false;
    }
    return true;
  }

  /** Reads until the command is answered, showing messages that come in between. */
  async #readAnswer(words: readonly Uint8Array[], raw: boolean): Promise<boolean> {
    let confirmations = 0;
    const subscription = isSubscription(words);
    if (subscription) {
      confirmations = words.length > 1 ? words.length - 1 : 1;
      this.#pushes = "in-band";
    }
    while (true) {
      if (!await this.readAndShow(raw)) return false;
      const reply = this.#lastReply;
      if (reply === null) return true; // shut down, or given up on request
      if (!this.pubSub && confirmations === 0) break;
      if (isPubSubPush(reply, this.resp3)) {
        this.#notePubSub(reply);
        if (confirmations === 0 || !isConfirmation(reply, words)) continue;
        if (--confirmations > 0) continue;
        break;
      }
      if (reply.kind !== "push") break;
    }
    this.#noteEffects(words);
    if (isWord(words[0], "auth") && (words.length === 2 || words.length === 3)) {
      await this.#selectWanted();
    }
    if (subscription && !this.pubSub && this.options.showPushes) this.#pushes = "print";
    return true;
  }

  #notePubSub(reply: Reply): void {
    if (!isPubSubPush(reply, this.resp3)) return;
    const name = latin1(reply.items[0].bytes);
    const count = Number(latin1(reply.items[2].bytes));
    if (/^p?(un)?subscribe$/.test(name)) this.#subscribed = count;
    else if (/^s(un)?subscribe$/.test(name)) this.#subscribedShards = count;
    this.pubSub = this.#subscribed + this.#subscribedShards > 0;
  }

  /** Follows what the command just answered did to the state of the connection. */
  #noteEffects(words: readonly Uint8Array[]): void {
    const reply = this.#lastReply;
    if (reply === null) return;
    const failed = reply.kind === "error";
    const alone = words.length === 1;
    if (isWord(words[0], "select") && words.length === 2 && !failed) {
      this.wantedDb = this.db = Number.parseInt(latin1(words[1]), 10) || 0;
    } else if (isWord(words[0], "multi") && alone && !failed) {
      this.inMulti = true;
      this.#dbBeforeMulti = this.db;
    } else if (isWord(words[0], "exec") && alone && this.inMulti) {
      this.inMulti = false;
      if (failed || reply.kind === "nil") this.wantedDb = this.db = this.#dbBeforeMulti;
    } else if (isWord(words[0], "discard") && alone && !failed) {
      this.inMulti = false;
      this.wantedDb = this.db = this.#dbBeforeMulti;
    } else if (isWord(words[0], "reset") && alone && !failed) {
      this.#noteReset();
    } else if (isWord(words[0], "hello")) {
      if (reply.kind === "map") this.resp3 = true;
      else if (reply.kind === "array") this.resp3 = false;
    }
  }

  #noteReset(): void {
    this.inMulti = false;
    this.wantedDb = this.db = 0;
    this.resp3 = false;
    if (this.pubSub && this.options.showPushes) this.#pushes = "print";
    this.pubSub = false;
    this.#subscribed = this.#subscribedShards = 0;
  }
}
