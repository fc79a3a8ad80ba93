// peers.ts: connections to other servers for commands that need one (MIGRATE), kept open between uses.
//
// A connection is closed after ten seconds without use, when it breaks, or when a new one needs its place among 64. On
// node:net, which both runtimes have; nothing here is in a hurry.

import { connect, type Socket } from "node:net";
import { latin1 } from "../lib/bytes/ascii.ts";
import type { NoPeer, Peer, PeerAnswer, PeersView } from "../lib/commands/server_view.ts";
import { errorCode } from "./config_host.ts";
import { after } from "./timers.ts";

const KEPT_MAX = 64;
const KEPT_MS = 10_000;
const PIECE_BYTES = 65536;

/** The connections of one server. */
export class Peers implements PeersView {
  /** By address, the one used last at the end. */
  private kept = new Map<string, NetPeer>();
  private readonly keptMs: number;
  private isClosed = false;

  constructor(keptMs = KEPT_MS) {
    this.keptMs = keptMs;
  }

  get count(): number {
    return this.kept.size;
  }

  connect(
    host: string,
    port: number,
    timeoutMs: number,
    done: (peer: Peer | NoPeer) => void,
  ): void {
    const address = `${host}:${port}`;
    const old = this.kept.get(address);
    if (old !== undefined) {
      this.kept.delete(address);
      this.kept.set(address, old);
      after(0, () => done(old));
      return;
    }
    if (this.isClosed) {
      after(0, () => done("unreachable"));
      return;
    }
    open(host, port, timeoutMs, (socket) => {
      if (typeof socket === "string") return done(socket);
      if (this.kept.size === KEPT_MAX) this.kept.values().next().value?.close();
      const peer = new NetPeer(socket, this.keptMs, () => {
        if (this.kept.get(address) === peer) this.kept.delete(address);
      });
      this.kept.set(address, peer);
      done(peer);
    });
  }

  /** Closes all; there will be no new ones. */
  close(): void {
    this.isClosed = true;
    for (const peer of [...this.kept.values()]) peer.close();
  }
}

/** Connects; `done` is called later. */
function open(
  host: string,
  port: number,
  timeoutMs: number,
  done: (socket: Socket | NoPeer) => void,
): void {
  // No host and no port mean different things to different runtimes.
  if (host === "" || port === 0) {
    after(0, () => done(host === "" ? "unreachable" : "refused"));
    return;
  }
  const socket = connect({ host, port, noDelay: true });
  let isOver = false;
  const end = (problem: "" | NoPeer) => {
    if (isOver) return;
    isOver = true;
    stopTimer();
    if (problem !== "") socket.destroy();
    done(problem === "" ? socket : problem);
  };
  const stopTimer = after(timeoutMs, () => end("unreachable"));
  socket.once("connect", () => end(""));
  socket.on("error", (error) => end(isRefusal(error) ? "refused" : "unreachable"));
  socket.once("close", () => end("unreachable"));
}

/** Whether the other side, or a host on the way to it, said no; to an address that there is. */
function isRefusal(error: Error): boolean {
  return ["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH"].includes(errorCode(error));
}

/** A request under way. */
interface Exchange {
  readonly request: Uint8Array;
  readonly lineCount: number;
  readonly timeoutMs: number;
  readonly done: (answer: PeerAnswer) => void;
  /** Bytes handed to the socket, and whether it has passed all of them on. */
  sent: number;
  isSent: boolean;
  readonly lines: string[];
}

class NetPeer implements Peer {
  database = "-1";
  private readonly socket: Socket;
  private readonly keptMs: number;
  private readonly onClose: () => void;
  private exchanging: Exchange | null = null;
  /** The start of a line whose end has not come yet. */
  private partial = "";
  private isClosed = false;
  /** The time for the next step of an exchange; without one, for the next use. */
  private stopTimer: () => void;

  constructor(socket: Socket, keptMs: number, onClose: () => void) {
    this.socket = socket;
    this.keptMs = keptMs;
    this.onClose = onClose;
    this.stopTimer = after(keptMs, () => this.close());
    socket.on("data", (bytes: Uint8Array) => this.received(bytes));
    for (const event of ["end", "error", "close"]) socket.on(event, () => this.broke());
  }

  exchange(
    request: Uint8Array,
    lineCount: number,
    timeoutMs: number,
    done: (answer: PeerAnswer) => void,
  ): void {
    this.exchanging = {
      request,
      lineCount,
      timeoutMs,
      done,
      sent: 0,
      isSent: false,
      lines: [],
    };
    this.step();
    if (this.isClosed) after(0, () => this.fail(false));
    else this.send(this.exchanging);
  }

  /** Sends the next piece, and the one after it when that has gone. */
  private send(exchange: Exchange): void {
    const { request, sent } = exchange;
    exchange.sent = Math.min(sent + PIECE_BYTES, request.length);
    this.socket.write(request.subarray(sent, exchange.sent), (error) => {
      if (this.exchanging !== exchange || (error !== undefined && error !== null)) return;
      this.step();
      if (exchange.sent < request.length) this.send(exchange);
      else exchange.isSent = true;
      this.finishWhenComplete(exchange);
    });
  }

  private received(bytes: Uint8Array): void {
    const exchange = this.exchanging;
    // Nobody asked for this.
    if (exchange === null) return this.close();
    const lines = (this.partial + latin1(bytes, 0, bytes.length)).split("\n");
    this.partial = lines.pop() as string;
    for (const line of lines) exchange.lines.push(line.replace(/\r$/, ""));
    if (lines.length > 0) this.step();
    this.finishWhenComplete(exchange);
  }

  private finishWhenComplete(exchange: Exchange): void {
    if (!exchange.isSent || exchange.lines.length < exchange.lineCount) return;
    const lines = exchange.lines.slice(0, exchange.lineCount);
    this.end({ lines, failure: "", isTimeout: false });
  }

  /** Starts the time for the next step. */
  private step(): void {
    this.stopTimer();
    const timeoutMs = this.exchanging?.timeoutMs ?? this.keptMs;
    this.stopTimer = after(
      timeoutMs,
      () => this.exchanging === null ? this.close() : this.fail(true),
    );
  }

  private broke(): void {
    if (this.exchanging === null) this.close();
    else this.fail(false);
  }

  private fail(isTimeout: boolean): void {
    const exchange = this.exchanging;
    if (exchange === null) return;
    this.end({
      lines: exchange.lines.slice(0, exchange.lineCount),
      failure: exchange.isSent ? "reading" : "writing",
      isTimeout,
    });
  }

  private end(answer: PeerAnswer): void {
    const exchange = this.exchanging as Exchange;
    this.exchanging = null;
    if (answer.failure === "") this.step();
    exchange.done(answer);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopTimer();
    this.socket.destroy();
    this.onClose();
    if (this.exchanging !== null) after(0, () => this.fail(false));
  }
}
