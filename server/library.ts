// library.ts: Sigrun inside another program: an engine in process, with or without a listening socket.

import { type Reply, ReplyReader } from "../lib/codec/reply_reader.ts";
import type { Socket } from "../lib/platform/mod.ts";
import { Config } from "../lib/session/config/config.ts";
import { fromLatin1, latin1 } from "../lib/bytes/ascii.ts";
import type { Session } from "../lib/session/session.ts";
import { runtimeLoop } from "./event_loop.ts";
import { Server } from "./server.ts";

/** A reply as plain values: integers that are exact as numbers are numbers, others BigInts. */
export type Value =
  | null
  | string
  | number
  | bigint
  | boolean
  | Value[]
  | Map<Value, Value>
  | Set<Value>;

/** A word of a command: text is sent as UTF-8, numbers in decimal. */
export type Word = string | number | bigint | Uint8Array;

/** An error reply. */
export class ReplyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ReplyError";
  }
}

/** Directives by name, for example `{ databases: "4", requirepass: "x" }`. */
export type Directives = Readonly<Record<string, string>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function bytesOf(word: Word): Uint8Array {
  return word instanceof Uint8Array ? word : encoder.encode(String(word));
}

/** Encodes a command as an array of bulk strings. */
export function encodeCommand(words: readonly Word[]): Uint8Array {
  const parts = words.map(bytesOf);
  const heads = parts.map((part) => encoder.encode(`$${part.length}\r\n`));
  const first = encoder.encode(`*${parts.length}\r\n`);
  const size = parts.reduce((sum, part, i) => sum + part.length + heads[i].length + 2, 0);
  const out = new Uint8Array(first.length + size);
  out.set(first);
  let at = first.length;
  for (const [i, part] of parts.entries()) {
    out.set(heads[i], at);
    out.set(part, at + heads[i].length);
    at += heads[i].length + part.length;
    out[at++] = 13;
    out[at++] = 10;
  }
  return out;
}

/** A connection without a socket: bytes in, bytes out, synchronously. */
export class LocalConnection implements Socket {
  readonly remote = "127.0.0.1:0";
  readonly local = "127.0.0.1:0";
  readonly isUnix = false;
  readonly fd = -1;
  /** Called with what the server sends; the bytes are only valid during the call. */
  onData: (bytes: Uint8Array) => void = () => {};
  closed = false;
  private session: Session;

  constructor(server: Server) {
    this.session = server.engine.connect(this);
  }

  send(bytes: Uint8Array): void {
    this.session.feedNow(bytes, 0, bytes.length);
  }

  write(buf: Uint8Array, off: number, len: number): number {
    this.onData(buf.subarray(off, off + len));
    return len;
  }

  pauseInput(): void {}

  end(): void {
    this.closed = true;
  }

  destroy(): void {
    this.closed = true;
  }

  close(): void {
    this.session.ended();
  }
}

/** A client in the same process: every call runs at once and returns its reply. */
export class Client {
  private connection: LocalConnection;
  private reader = new ReplyReader();

  constructor(server: Server) {
    this.connection = new LocalConnection(server);
    this.connection.onData = (bytes) => this.reader.feed(bytes);
  }

  /**
   * Runs one command. Bulk strings are decoded as UTF-8; use `callBytes` for binary values.
   * Throws ReplyError when the server answers with an error.
   */
  call(...words: Word[]): Value {
    return valueOf(this.callBytes(...words));
  }

  /** Runs one command and returns the reply undecoded. Throws ReplyError for an error reply. */
  callBytes(...words: Word[]): Reply {
    this.connection.send(encodeCommand(words));
    const reply = this.reader.next();
    if (reply === null) throw new ReplyError("the command sent no reply");
    if (reply.kind === "error") throw new ReplyError(text(reply));
    return reply;
  }

  close(): void {
    this.connection.close();
  }
}

function text(reply: Reply): string {
  return decoder.decode(reply.bytes);
}

function valueOf(reply: Reply): Value {
  switch (reply.kind) {
    case "nil":
      return null;
    case "integer":
    case "bignum": {
      const digits = latin1(reply.bytes, 0, reply.bytes.length);
      const value = Number(digits);
      return Number.isSafeInteger(value) ? value : BigInt(digits);
    }
    case "double":
      return Number(text(reply).replace("inf", "Infinity"));
    case "boolean":
      return text(reply) === "t";
    case "array":
    case "push":
      return reply.items.map(valueOf);
    case "set":
      return new Set(reply.items.map(valueOf));
    case "map": {
      const map = new Map<Value, Value>();
      for (let i = 0; i < reply.items.length; i += 2) {
        map.set(valueOf(reply.items[i]), valueOf(reply.items[i + 1]));
      }
      return map;
    }
    case "error":
      throw new ReplyError(text(reply));
    default:
      return text(reply);
  }
}

/** A server in this process. */
export class Sigrun {
  private server: Server;
  private main: Client;

  constructor(server: Server) {
    this.server = server;
    this.main = new Client(server);
  }

  /** Runs a command on the built-in client; see Client.call. */
  call(...words: Word[]): Value {
    return this.main.call(...words);
  }

  /** Another client, with its own database, transaction and protocol state. */
  client(): Client {
    return new Client(this.server);
  }

  /** A connection for raw protocol bytes. */
  connect(): LocalConnection {
    return new LocalConnection(this.server);
  }

  /** The port listened on, 0 before `listen`. */
  get port(): number {
    return this.server.port;
  }

  /** Stops listening and drops every client. The object must not be used afterwards. */
  close(): void {
    this.server.close();
  }

  /** Binds the addresses of the directives. Throws an Error with the reason when that fails. */
  bind(): number {
    const problem = this.server.listen(true);
    if (problem !== "") throw new Error(problem);
    return this.server.port;
  }
}

/** Makes a server; `listen` binds the port of the directives, without it only `call` works. */
export async function openServer(directives: Directives, listen: boolean): Promise<Sigrun> {
  const config = new Config();
  for (const [name, value] of Object.entries(directives)) {
    const utf8 = encoder.encode(value);
    const bytes = latin1(utf8, 0, utf8.length);
    const problem = config.load(name.toLowerCase(), bytes === "" ? [""] : bytes.split(" "), false);
    if (problem !== "") throw new Error(`${name}: ${problem}`);
  }
  const quiet = { write: () => {} };
  const server = new Server(config, quiet, await runtimeLoop(), {
    ending: () => {},
    exit: () => {},
  });
  const sigrun = new Sigrun(server);
  if (listen) sigrun.bind();
  server.replication.start();
  return sigrun;
}

/** Bytes of latin-1 text, for binary words. */
export function binary(text: string): Uint8Array {
  return fromLatin1(text);
}
