// socket_transport.ts: the transport over TCP.

import { connect, type Socket } from "node:net";
import { bytesOf, FrameReader, latin1 } from "./resp.ts";
import { type Connection, ConnectionClosed, ReplyTimeout, type Transport } from "./transport.ts";

const CONNECT_MS = 5000;

class SocketConnection implements Connection {
  #socket: Socket;
  #reader = new FrameReader();
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => {
      this.#reader.push(latin1(chunk));
      this.#wake?.();
    });
    const closed = () => {
      this.#closed = true;
      this.#wake?.();
    };
    socket.on("end", closed);
    socket.on("close", closed);
    // A reset is a hang-up like any other: the reader sees ConnectionClosed.
    socket.on("error", closed);
  }

  /** Waits for bytes or the hang-up; false when `untilMs` came first. */
  #changed(untilMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const left = Math.max(0, untilMs - Date.now());
      const timer = setTimeout(() => {
        this.#wake = undefined;
        resolve(false);
      }, left);
      this.#wake = () => {
        this.#wake = undefined;
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve();
      // A failed write shows as a hang-up when the reply is read.
      this.#socket.write(bytesOf(text), () => resolve());
    });
  }

  async frame(timeoutMs: number): Promise<string> {
    const until = Date.now() + timeoutMs;
    while (true) {
      const frame = this.#reader.next();
      if (frame !== undefined) return frame;
      if (this.#closed) throw new ConnectionClosed(this.#reader.pending);
      if (!await this.#changed(until)) throw new ReplyTimeout(this.#reader.pending);
    }
  }

  async quiet(ms: number): Promise<string> {
    if (this.#reader.pending === "" && !this.#closed) await this.#changed(Date.now() + ms);
    return this.#reader.pending;
  }

  async untilClosed(timeoutMs: number): Promise<string> {
    const until = Date.now() + timeoutMs;
    while (!this.#closed) {
      if (!await this.#changed(until) && !this.#closed) {
        throw new ReplyTimeout(this.#reader.pending);
      }
    }
    return this.#reader.take();
  }

  close(): void {
    this.#socket.destroy();
    this.#closed = true;
  }
}

/** Opens one connection. Rejects when nobody listens. */
export function openSocket(host: string, port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection to ${host}:${port} within ${CONNECT_MS} ms`));
    }, CONNECT_MS);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(new SocketConnection(socket));
    });
  });
}

/** Connections to a server on the network. */
export function socketTransport(host: string, port: number): Transport {
  return {
    open: () => openSocket(host, port),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: () => {},
  };
}
