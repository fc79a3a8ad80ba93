// poll_loop.ts: the loop of a process that is a server and nothing else, on Linux: the server waits for the system itself.
//
// WHY: the runtime's own way from the system to a socket's handler and back costs 1 to 2 microseconds a read, a new buffer
// among them; called directly it is a tenth of that.
//
//   runtime's turn (timers, files, other sockets) -> cycle: wait -> deliver -> turn's end -> wait without blocking -> ...
//           ^-------------------------------------------------------------------------------------------------------+
//
// The runtime lives on inside: what it waits for (its own epoll) is one of the things waited for here, and the wait ends
// when one of the server's timers is due. So it gets its turn whenever it has something to do, after a few turns anyway,
// and always before a wait that blocks: what a turn left to it (promises) runs then. What nobody knows of (a timer of the
// runtime's own) comes late by WAIT_MS_MAX at most.

import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers";
import { InputMemory } from "../lib/session/inbox.ts";
import type { EventLoop } from "./event_loop.ts";
import { type Address, type Libc, libc, PLACED_BYTES_MIN } from "./libc.ts";
import type { Listen } from "./net.ts";
import { listenOn } from "./net_linux.ts";
import { nextDueMs } from "./timers.ts";

export const POLL_IN = 1;
export const POLL_OUT = 4;
/** An error, or both sides closed; always reported. */
export const POLL_GONE = 8 | 16;

const CLOSE_ON_EXEC = 0x80000;
const ADD = 1;
const REMOVE = 2;
const CHANGE = 3;

const EVENTS_MAX = 1024;
/** Words of one event, and the one that holds the file: the structure is packed on x86 only. */
const EVENT_WORDS = process.arch === "x64" ? 3 : 4;
const FILE_WORD = process.arch === "x64" ? 1 : 2;

/** Most bytes of one read. */
const READ_BYTES = 65536;
/** Turns without the runtime. */
const TURNS_MAX = 8;
const WAIT_MS_MAX = 100;

/** Who is told of a file's events. */
export interface Watcher {
  ready(events: number): void;
}

/** A loop of epoll_wait. */
export class PollLoop implements EventLoop {
  readonly libc: Libc;
  readonly listen: Listen;
  readonly input = new InputMemory();
  private readonly epoll: number;
  /** By the number of the file. */
  private readonly watchers: (Watcher | null)[] = [];
  private readonly events = new Int32Array(new ArrayBuffer(EVENTS_MAX * EVENT_WORDS * 4));
  private readonly eventsAt: Address;
  /** One event, for the system to read. */
  private readonly request = new Int32Array(new ArrayBuffer(PLACED_BYTES_MIN));
  private readonly requestAt: Address;
  private isClosed = false;
  private laters: (() => void)[] = [];
  private endings: (() => void)[] = [];
  /** Whether the runtime has something to do. */
  private isWanted = true;
  private readonly runtime: Watcher = { ready: () => this.isWanted = true };

  /** `fallback` listens where this one cannot. Throws when the system has no epoll. */
  constructor(library: Libc, fallback: Listen) {
    this.libc = library;
    this.listen = (address, options, accept) =>
      listenOn(this, address, options, accept) ?? fallback(address, options, accept);
    this.epoll = library.epoll_create1(CLOSE_ON_EXEC);
    if (this.epoll < 0) throw new Error("no epoll");
    this.eventsAt = library.addressOf(new Uint8Array(this.events.buffer), 0);
    this.requestAt = library.addressOf(new Uint8Array(this.request.buffer), 0);
    const others = runtimeEpolls(this.epoll);
    if (others.length === 0) throw new Error("the runtime waits in an unknown way");
    for (const fd of others) this.watch(fd, this.runtime, POLL_IN);
    setImmediate(this.cycle);
  }

  /** Tells the watcher of events of a file from now on. Throws when the system refuses. */
  watch(fd: number, watcher: Watcher, interest: number): void {
    this.watchers[fd] = watcher;
    if (this.control(ADD, fd, interest) < 0) {
      this.watchers[fd] = null;
      throw new Error("Too many files to watch");
    }
  }

  change(fd: number, interest: number): void {
    this.control(CHANGE, fd, interest);
  }

  /** To be called before the file is closed. */
  forget(fd: number): void {
    this.watchers[fd] = null;
    this.control(REMOVE, fd, 0);
  }

  private control(operation: number, fd: number, interest: number): number {
    this.request[0] = interest;
    this.request[FILE_WORD] = fd;
    return this.libc.epoll_ctl(this.epoll, operation, fd, this.requestAt);
  }

  later(run: () => void): void {
    this.laters.push(run);
  }

  afterTurn(run: () => void): void {
    this.endings.push(run);
  }

  /** Leaves the runtime alone. What was watched must have been closed. */
  close(): void {
    this.isClosed = true;
    this.libc.close(this.epoll);
  }

  private readonly cycle = (): void => {
    if (this.isClosed) return;
    try {
      this.endTurn();
      // After events of the runtime it may have more to do than it says: it is not kept from that by a wait.
      let wait = this.isWanted ? 0 : this.waitMs();
      this.isWanted = false;
      for (let turns = 0; turns < TURNS_MAX; turns++) {
        const count = this.libc.epoll_wait(this.epoll, this.eventsAt, EVENTS_MAX, wait);
        if (count <= 0) break;
        this.deliver(count);
        this.endTurn();
        if (this.isWanted) break;
        wait = 0;
      }
    } finally {
      if (!this.isClosed) setImmediate(this.cycle);
    }
  };

  private deliver(count: number): void {
    const { events, watchers } = this;
    for (let i = 0, at = 0; i < count; i++, at += EVENT_WORDS) {
      // One that was closed meanwhile has no watcher; a new file of its number is told of nothing that is wrong for it.
      watchers[events[at + FILE_WORD]]?.ready(events[at]);
    }
  }

  /** Bytes that may be read to the input memory now. Where it is full, what waits in it runs first. */
  inputRoom(): number {
    const { input } = this;
    if (input.bytes.length - input.used < READ_BYTES) this.endTurn();
    const room = input.bytes.length - input.used;
    return room < READ_BYTES ? room : READ_BYTES;
  }

  private endTurn(): void {
    while (this.laters.length + this.endings.length > 0) {
      const runs = this.laters.length > 0 ? this.laters : this.endings;
      (runs.shift() as () => void)();
    }
  }

  private waitMs(): number {
    const ms = nextDueMs();
    return ms > WAIT_MS_MAX ? WAIT_MS_MAX : Math.ceil(ms);
  }
}

/** The files the runtime waits for its events with. */
function runtimeEpolls(own: number): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    try {
      if (fd !== own && readlinkSync(`/proc/self/fd/${name}`) === "anon_inode:[eventpoll]") {
        found.push(fd);
      }
    } catch {
      // The one the list was read through is gone.
    }
  }
  return found;
}

/** The loop; null where there cannot be one. */
export function pollLoop(fallback: Listen): PollLoop | null {
  const library = libc();
  if (library === null) return null;
  try {
    return new PollLoop(library, fallback);
  } catch {
    return null;
  }
}
