// network.ts: worlds that can reach each other: connections in memory whose bytes arrive when told to, in pieces of any
// size, and that can be cut behind any byte.

import type { Timer } from "../../lib/platform/mod.ts";
import type { Caller, Dial } from "../../server/dial.ts";
import type { Socket } from "../../lib/platform/mod.ts";
import type { Session } from "../../lib/session/session.ts";
import { bytesOf, latin1 } from "./resp.ts";
import { World, type WorldOptions } from "./world.ts";

/** Rounds of delivering that are taken for a conversation without end. */
const ROUNDS_MAX = 10_000;
const STEP_MS = 100;

/** One connection between two worlds. */
export class Wire {
  readonly from: number;
  readonly to: number;
  isUp = true;
  /** Bytes on their way to the one who listens, and back to the one who called. */
  private out = "";
  private back = "";
  /** Bytes that came back so far. */
  received = 0;
  private readonly network: Network;
  private readonly caller: Caller;
  private session: Session | null = null;
  private wasConnected = false;

  constructor(network: Network, from: number, to: number, caller: Caller) {
    this.network = network;
    this.from = from;
    this.to = to;
    this.caller = caller;
  }

  private socket(write: (text: string) => void, remote: number): Socket {
    return {
      write: (buf, off, len) => {
        if (this.isUp) write(latin1(buf, off, off + len));
        return len;
      },
      pauseInput: () => {},
      end: () => this.hangUp(),
      destroy: () => this.hangUp(),
      remote: `127.0.0.1:${remote}`,
      local: `127.0.0.1:${this.to}`,
      isUnix: false,
      fd: 99,
    };
  }

  callerSocket(): Socket {
    return this.socket((text) => this.out += text, this.to);
  }

  /** Either side ends it: what is on its way is lost. */
  private hangUp(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.network.later.push(() => {
      this.session?.ended();
      this.caller.ended("");
    });
  }

  /** Breaks it. */
  cut(): void {
    this.hangUp();
    this.network.deliver();
  }

  /** Delivers what is on its way; false when nothing was. */
  step(): boolean {
    if (!this.isUp) return false;
    if (!this.wasConnected) return this.connect();
    const { out, back, session, network } = this;
    if (out !== "") {
      this.out = "";
      const bytes = bytesOf(out);
      session?.feed(bytes, 0, bytes.length);
      return true;
    }
    if (back === "") return false;
    const piece = back.slice(0, Math.min(network.pieceBytes, this.bytesLeft));
    this.back = back.slice(piece.length);
    this.received += piece.length;
    const bytes = bytesOf(network.damage(piece));
    if (bytes.length > 0) this.caller.received(bytes, 0, bytes.length);
    if (this.bytesLeft <= 0) this.hangUp();
    return true;
  }

  private get bytesLeft(): number {
    return this.network.cutBehind - this.received;
  }

  private connect(): boolean {
    this.wasConnected = true;
    const world = this.network.worlds.get(this.to);
    if (world === undefined) {
      this.isUp = false;
      this.caller.ended("Connection refused");
      return true;
    }
    const socket = this.socket((text) => this.back += text, 50000 + this.from);
    this.session = world.engine.connect(socket);
    this.caller.connected();
    return true;
  }
}

/** Worlds by port. */
export class Network {
  readonly worlds = new Map<number, World>();
  wires: Wire[] = [];
  later: (() => void)[] = [];
  /** Most bytes that come back at a time. */
  pieceBytes = Infinity;
  /** What the network does to bytes that come back. */
  damage: (text: string) => string = (text) => text;
  /** Bytes behind which each connection breaks. */
  cutBehind = Infinity;

  private nowMs = 0;
  private due: { atMs: number; run: () => void }[] = [];

  /** A timer for servers: what is due runs while time passes here. */
  readonly timer: Timer = (ms, run) => {
    const entry = { atMs: this.nowMs + ms, run };
    this.due.push(entry);
    return () => {
      this.due = this.due.filter((other) => other !== entry);
    };
  };

  /** A server at this port. */
  add(port: number, options: WorldOptions = {}): World {
    const dial: Dial = (_host, to, caller) => {
      const wire = new Wire(this, port, to, caller);
      this.wires.push(wire);
      return wire.callerSocket();
    };
    const { directives } = options;
    const world = new World({
      seed: port,
      ...options,
      dial,
      directives: { "repl-diskless-sync-delay": "0", ...directives },
    });
    world.engine.server.tcpPort = port;
    this.worlds.set(port, world);
    return world;
  }

  /** The connection from one port to another that is up. */
  wire(from: number, to: number): Wire {
    const found = this.wires.find((wire) => wire.isUp && wire.from === from && wire.to === to);
    if (found === undefined) throw new Error(`no connection from ${from} to ${to}`);
    return found;
  }

  /** Lets everything arrive that is on its way. */
  deliver(): void {
    for (let round = 0;; round++) {
      if (round > ROUNDS_MAX) throw new Error("the servers go on talking for ever");
      let isBusy = false;
      for (const run of this.later.splice(0)) {
        run();
        isBusy = true;
      }
      for (const wire of [...this.wires]) if (wire.step()) isBusy = true;
      for (const world of this.worlds.values()) world.settle();
      this.wires = this.wires.filter((wire) => wire.isUp);
      if (!isBusy && this.later.length === 0) return;
    }
  }

  /** Lets time pass for all. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      const step = Math.min(left, STEP_MS);
      for (const world of this.worlds.values()) world.advance(step);
      this.nowMs += step;
      const due = this.due.filter(({ atMs }) => atMs <= this.nowMs);
      this.due = this.due.filter(({ atMs }) => atMs > this.nowMs);
      for (const { run } of due) run();
      this.deliver();
    }
  }
}

/** What a world holds. */
export function digestOf(world: World): string {
  return world.connect().call("DEBUG", "DIGEST");
}
