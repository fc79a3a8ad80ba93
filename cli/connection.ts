// connection.ts: one connection to a server: bytes out, replies in.
//
// Replies are pulled. What arrives while nobody reads stays in the reader, up to a limit past
// which the socket is paused; so the order of what is shown depends on who reads, never on timing.
// A connection that has ended keeps the reason: replies that came before the end can still be read.

import { createConnection, type NetConnectOpts, type Socket } from "node:net";
import { type Reply, ReplyReader } from "../lib/codec/reply_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import type { EmbeddedConnection } from "./environment.ts";
import { systemText } from "./io.ts";

/** Where and how to connect. */
export type Endpoint =
  | { kind: "tcp"; host: string; port: number; families: readonly (4 | 6)[] }
  | { kind: "unix"; path: string }
  | { kind: "embedded"; open: () => EmbeddedConnection | Promise<EmbeddedConnection> };

/** Options of a secured connection; paths have been read already. */
export type TlsSettings = {
  serverName: string | null;
  ca: Uint8Array[];
  certificate: Uint8Array | null;
  key: Uint8Array | null;
  ciphers: string | null;
  cipherSuites: string | null;
  insecure: boolean;
};

/** What to connect with besides the address. */
export type ConnectSettings = {
  /** 0 waits as long as the system does. */
  timeoutMs: number;
  tls: TlsSettings | null;
};

/** Why a connection cannot be used any more. */
export type Ending = {
  kind: "eof" | "io" | "protocol";
  text: string;
};

/** Thrown by connect: the text says why. `tls` when the connection stood but was not secured. */
export class ConnectError extends Error {
  readonly tls: boolean;

  constructor(text: string, tls: boolean) {
    super(text);
    this.tls = tls;
  }
}

const KEEP_ALIVE_MS = 15_000;
/** Longer words are sent from where they are. */
const COPIED_BYTES_MAX = 64 * 1024;
/** Bytes kept for a reader that does not come before the socket is paused. */
const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;

/** What carries the bytes. */
type Transport = {
  write(bytes: Uint8Array): void;
  pause(paused: boolean): void;
  /** Resolves when what was written has left, or nearly so. */
  flushed(): Promise<void>;
  close(): void;
};

/** A connection; made by `connect`. */
export class Connection {
  /** Why the connection ended, or null. Replies that came before may still be unread. */
  ended: Ending | null = null;
  /** Called when bytes arrive, or the end does, while nobody waits in `read`. */
  onIdle: (() => void) | null = null;

  /** Resolves with null when the connection has ended. */
  readonly whenEnded: Promise<null>;

  readonly #reader = new ReplyReader();
  #settleEnded: (nothing: null) => void = () => {};
  #transport: Transport | null = null;
  #wake: (() => void) | null = null;
  /** Bytes that are no replies and wait for `readRaw`; null while replies are read. */
  #raw: Uint8Array[] | null = null;
  #backlog = 0;
  #paused = false;

  constructor() {
    this.whenEnded = new Promise((resolve) => this.#settleEnded = resolve);
  }

  /** Bound to its transport once, before anything arrives. */
  attach(transport: Transport): void {
    this.#transport = transport;
  }

  /** Called by the transport: bytes have arrived. They are copied. */
  received(bytes: Uint8Array): void {
    if (this.#raw === null) this.#reader.feed(bytes);
    else this.#raw.push(bytes.slice());
    this.#backlog += bytes.length;
    if (this.#wake === null && this.#backlog > BACKLOG_BYTES_MAX && !this.#paused) {
      this.#paused = true;
      this.#transport?.pause(true);
    }
    this.#notify();
  }

  /** Called by the transport: nothing more will arrive. The first reason stays. */
  finished(ending: Ending): void {
    this.ended ??= ending;
    this.#settleEnded(null);
    this.#notify();
  }

  /** Sends bytes. They may not be changed afterwards. */
  write(bytes: Uint8Array): void {
    if (this.ended === null) this.#transport?.write(bytes);
  }

  /** Resolves when the transport can take more without piling it up. */
  async flushed(): Promise<void> {
    if (this.ended === null) await this.#transport?.flushed();
  }

  /** Sends a command of any number of words. */
  send(words: readonly Uint8Array[]): void {
    const out = new ByteWriter();
    out.ascii(`*${words.length}\r\n`);
    for (const word of words) {
      out.ascii(`$${word.length}\r\n`);
      if (word.length > COPIED_BYTES_MAX) {
        this.write(out.take());
        this.write(word);
      } else {
        out.bytes(word);
      }
      out.ascii("\r\n");
    }
    this.write(out.take());
  }

  /** A reply that is already here, or null. */
  take(): Reply | null {
    const reply = this.#reader.next();
    if (reply === null) {
      this.#backlog = 0;
      if (this.#reader.error !== "") {
        this.ended ??= { kind: "protocol", text: this.#reader.error };
        this.#settleEnded(null);
        this.#transport?.close();
      }
    }
    return reply;
  }

  /** The next reply, or null once the connection has ended and every reply has been read. */
  async read(): Promise<Reply | null> {
    while (true) {
      const reply = this.take();
      if (reply !== null) return reply;
      if (this.ended !== null) return null;
      await this.arrival();
    }
  }

  /** What arrives from now on is no replies: `readRaw` hands it out. Call it before sending what asks for it. */
  startRaw(): void {
    this.#raw = [];
  }

  /** The next bytes as they arrived; null at the end of the connection. */
  async readRaw(): Promise<Uint8Array | null> {
    while (true) {
      const bytes = this.#raw?.shift();
      if (bytes !== undefined) return bytes;
      this.#backlog = 0;
      if (this.ended !== null) return null;
      await this.arrival();
    }
  }

  /** Replies again: `rest` has been read too far, further bytes follow it. */
  endRaw(rest: Uint8Array): void {
    const waiting = this.#raw ?? [];
    this.#raw = null;
    for (const bytes of [rest, ...waiting]) this.received(bytes);
  }

  /** Resolves when something has arrived since the last call of `take`, or the connection ended. */
  arrival(): Promise<void> {
    if (this.#backlog > 0 || this.ended !== null) return Promise.resolve();
    if (this.#paused) {
      this.#paused = false;
      this.#transport?.pause(false);
    }
    return new Promise((resolve) => this.#wake = resolve);
  }

  close(): void {
    this.ended ??= { kind: "io", text: "Connection closed" };
    this.#settleEnded(null);
    this.#transport?.close();
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake !== null) wake();
    else this.onIdle?.();
  }
}

/** Opens a connection. Throws ConnectError. */
export async function connect(endpoint: Endpoint, settings: ConnectSettings): Promise<Connection> {
  if (endpoint.kind === "embedded") return await connectEmbedded(endpoint.open);
  const socket = endpoint.kind === "unix"
    ? await openSocket({ path: endpoint.path }, settings.timeoutMs)
    : await openTcp(endpoint, settings.timeoutMs);
  if (settings.tls === null) return useSocket(socket);
  const { secure } = await import("./tls.ts");
  return useSocket(await secure(socket, settings.tls));
}

async function connectEmbedded(
  open: () => EmbeddedConnection | Promise<EmbeddedConnection>,
): Promise<Connection> {
  const inner = await open();
  const connection = new Connection();
  inner.onData = (bytes) => connection.received(bytes);
  connection.attach({
    write: (bytes) => inner.write(bytes),
    pause: () => {},
    flushed: () => Promise.resolve(),
    close: () => inner.close(),
  });
  return connection;
}

/** Tries one address family after the other, as resolved names may have either. */
async function openTcp(
  endpoint: { host: string; port: number; families: readonly (4 | 6)[] },
  timeoutMs: number,
): Promise<Socket> {
  const { host, port } = endpoint;
  if (host.includes(":") || /^[\d.]+$/.test(host)) {
    return await openSocket({ host, port }, timeoutMs);
  }
  let failure: unknown = null;
  for (const family of endpoint.families) {
    try {
      return await openSocket({ host, port, family }, timeoutMs);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function openSocket(options: NetConnectOpts, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(options);
    const timer = timeoutMs > 0 ? setTimeout(() => fail({ code: "ETIMEDOUT" }), timeoutMs) : null;
    const settle = (): void => {
      if (timer !== null) clearTimeout(timer);
      socket.removeAllListeners();
    };
    const fail = (error: unknown): void => {
      settle();
      socket.on("error", () => {}); // a second failure of a socket that was given up
      socket.destroy();
      reject(new ConnectError(systemText(error), false));
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
  });
}

function useSocket(socket: Socket): Connection {
  const connection = new Connection();
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.on("data", (bytes: Uint8Array) => connection.received(bytes));
  socket.on("error", (error: unknown) => connection.finished(endingOf(error)));
  const eof = (): void =>
    connection.finished({ kind: "eof", text: "Server closed the connection" });
  socket.on("end", eof);
  socket.on("close", eof);
  connection.attach({
    write: (bytes) => socket.write(bytes),
    flushed: () => flushed(socket),
    pause: (paused) => paused ? socket.pause() : socket.resume(),
    close: () => socket.destroy(),
  });
  return connection;
}

function flushed(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.removeListener("drain", done);
      socket.removeListener("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

function endingOf(error: unknown): Ending {
  return { kind: "io", text: systemText(error) };
}
