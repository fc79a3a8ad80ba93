// net_linux.ts: sockets by the calls of the system, the same on both runtimes. For a process with its own loop.
//
// Everything is level-triggered and never waits: a file of which not all was taken is told of again in the next turn. What
// an error was is not asked for: a socket that is gone says so in its events.

import { getSystemErrorName } from "node:util";
import type { Socket } from "../lib/platform/mod.ts";
import { type Address, type Libc, PLACED_BYTES_MIN } from "./libc.ts";
import {
  type Accept,
  addressText,
  type ListenAddress,
  type Listening,
  type Receiver,
  type SocketOptions,
} from "./net.ts";
import { POLL_GONE, POLL_IN, POLL_OUT, type PollLoop, type Watcher } from "./poll_loop.ts";
import { after } from "./timers.ts";

const UNIX = 1;
const IPV4 = 2;
const IPV6 = 10;
/** Bits of a socket's type: a stream, that does not wait, and is not inherited. */
const STREAM = 1 | 0x800 | 0x80000;
const ACCEPT_FLAGS = 0x800 | 0x80000;
const LEVEL_SOCKET = 1;
const LEVEL_TCP = 6;
const LEVEL_IPV6 = 41;
const REUSE_ADDRESS = 2;
const KEEP_ALIVE = 9;
const NO_DELAY = 1;
const KEEP_IDLE = 4;
const KEEP_INTERVAL = 5;
const KEEP_COUNT = 6;
const IPV6_ONLY = 26;
/** Bits of recv and send: without waiting, and without a signal when the peer is gone. */
const RECV_FLAGS = 0x40;
const SEND_FLAGS = 0x40 | 0x4000;

/** What an ended client may still send unread, so that it gets the last reply and no reset. */
const DISCARD_READS = 16;
const DISCARD_BYTES = 65536;
/** Connections accepted in one turn. */
const ACCEPTS_MAX = 256;
/** Without a free file number accepting is of no use for a while. */
const ACCEPT_PAUSE_MS = 100;
const PROBES = 3;
const BACKLOG = 511;

// Places in the scratch memory: an address with its host and its length, a text, a number.
const HOST4_AT = 4;
const HOST6_AT = 8;
const LEN_AT = 128;
const TEXT_AT = 256;
const NUMBER_AT = 512;
const ADDRESS_BYTES = 128;
const TEXT_BYTES = 128;
const UNIX_PATH_BYTES = 108;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Memory for arguments of calls. */
class Scratch {
  readonly bytes = new Uint8Array(new ArrayBuffer(PLACED_BYTES_MIN));
  readonly view = new DataView(this.bytes.buffer);
  readonly address: Address;
  readonly host4: Address;
  readonly host6: Address;
  readonly len: Address;
  readonly textAt: Address;
  readonly number: Address;

  /** For what nobody reads. */
  readonly unread = new Uint8Array(new ArrayBuffer(DISCARD_BYTES));

  constructor(libc: Libc) {
    const { bytes } = this;
    this.address = libc.addressOf(bytes, 0);
    this.host4 = libc.addressOf(bytes, HOST4_AT);
    this.host6 = libc.addressOf(bytes, HOST6_AT);
    this.len = libc.addressOf(bytes, LEN_AT);
    this.textAt = libc.addressOf(bytes, TEXT_AT);
    this.number = libc.addressOf(bytes, NUMBER_AT);
  }

  putText(text: string): void {
    const bytes = encoder.encode(text);
    this.bytes.set(bytes, TEXT_AT);
    this.bytes[TEXT_AT + bytes.length] = 0;
  }

  get text(): string {
    return decoder.decode(this.bytes.subarray(TEXT_AT, this.bytes.indexOf(0, TEXT_AT)));
  }

  /** Makes room for an address the system will write. */
  expectAddress(): void {
    this.bytes.fill(0, 0, ADDRESS_BYTES);
    this.view.setUint32(LEN_AT, ADDRESS_BYTES, true);
  }
}

let scratch: Scratch;

function setOption(libc: Libc, fd: number, level: number, name: number, value: number): void {
  scratch.view.setInt32(NUMBER_AT, value, true);
  libc.setsockopt(fd, level, name, scratch.number, 4);
}

/** Writes the address of a host in numbers to the scratch memory. Returns its length, 0 when it is a name. */
function putHost(libc: Libc, host: string, port: number): number {
  const { view, bytes, textAt } = scratch;
  if (host.length >= TEXT_BYTES) return 0;
  bytes.fill(0, 0, ADDRESS_BYTES);
  scratch.putText(host);
  view.setUint16(2, port);
  if (libc.inet_pton(IPV4, textAt, scratch.host4) === 1) {
    view.setUint16(0, IPV4, true);
    return 16;
  }
  if (libc.inet_pton(IPV6, textAt, scratch.host6) !== 1) return 0;
  view.setUint16(0, IPV6, true);
  return 28;
}

/** Writes the address of a Unix socket to the scratch memory; returns its length. */
function putPath(path: string): number {
  const bytes = encoder.encode(path);
  if (bytes.length >= UNIX_PATH_BYTES) throw systemError("ENAMETOOLONG");
  scratch.bytes.fill(0, 0, ADDRESS_BYTES);
  scratch.view.setUint16(0, UNIX, true);
  scratch.bytes.set(bytes, 2);
  return 2 + bytes.length + 1;
}

/** The address the system wrote to the scratch memory, as text. */
function addressOf(libc: Libc): string {
  const { view } = scratch;
  const family = view.getUint16(0, true);
  if (family !== IPV4 && family !== IPV6) return "?:0";
  const host = family === IPV4 ? scratch.host4 : scratch.host6;
  libc.inet_ntop(family, host, scratch.textAt, TEXT_BYTES);
  return addressText(scratch.text, view.getUint16(2));
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

class Connection implements Socket, Watcher {
  private readonly loop: PollLoop;
  private readonly libc: Libc;
  private readonly scratch: Scratch;
  receiver: Receiver | null = null;
  fd: number;
  readonly remote: string;
  private localText = "";
  readonly isUnix: boolean;
  private interest = POLL_IN;

  /** `path` is that of a Unix socket; else the peer's address is in the scratch memory. */
  constructor(loop: PollLoop, fd: number, path: string) {
    this.loop = loop;
    this.libc = loop.libc;
    this.scratch = scratch;
    this.fd = fd;
    this.isUnix = path !== "";
    this.remote = this.isUnix ? `${path}:0` : addressOf(loop.libc);
    if (this.isUnix) this.localText = this.remote;
  }

  get local(): string {
    if (this.localText === "" && this.fd >= 0) {
      this.scratch.expectAddress();
      this.libc.getsockname(this.fd, this.scratch.address, this.scratch.len);
      this.localText = addressOf(this.libc);
    }
    return this.localText;
  }

  ready(events: number): void {
    if ((events & POLL_IN) !== 0) this.read(events);
    else if ((events & POLL_GONE) !== 0) this.gone();
    if ((events & POLL_OUT) !== 0 && this.fd >= 0) {
      this.setInterest(this.interest & ~POLL_OUT);
      this.receiver?.writable();
    }
  }

  private read(events: number): void {
    const { input } = this.loop;
    const room = this.loop.inputRoom();
    const { bytes, used } = input;
    const len = this.libc.recv(this.fd, bytes, used, room, RECV_FLAGS);
    if (len > 0) this.receiver?.feed(bytes, used, len);
    else if (len === 0 || (events & POLL_GONE) !== 0) this.gone();
  }

  /** The peer is gone. */
  private gone(): void {
    const { receiver } = this;
    this.close();
    receiver?.ended();
  }

  write(buf: Uint8Array, off: number, len: number): number {
    if (this.fd < 0) return 0;
    const taken = this.libc.send(this.fd, buf, off, len, SEND_FLAGS);
    if (taken === len) return taken;
    this.setInterest(this.interest | POLL_OUT);
    return taken < 0 ? 0 : taken;
  }

  pauseInput(paused: boolean): void {
    if (this.fd >= 0) this.setInterest(paused ? this.interest & ~POLL_IN : this.interest | POLL_IN);
  }

  private setInterest(interest: number): void {
    if (interest === this.interest) return;
    this.interest = interest;
    this.loop.change(this.fd, interest);
  }

  end(): void {
    if (this.fd < 0) return;
    // A socket closed with input unread resets the connection, and the last reply may be lost with it.
    const { unread } = this.scratch;
    for (let i = 0; i < DISCARD_READS; i++) {
      if (this.libc.recv(this.fd, unread, 0, DISCARD_BYTES, RECV_FLAGS) <= 0) break;
    }
    this.close();
  }

  destroy(): void {
    this.end();
  }

  private close(): void {
    if (this.fd < 0) return;
    this.loop.forget(this.fd);
    this.libc.close(this.fd);
    this.fd = -1;
    this.receiver = null;
  }
}

class Listener implements Listening, Watcher {
  readonly host: string;
  readonly port: number;
  private readonly loop: PollLoop;
  private fd: number;
  private readonly path: string;
  private readonly options: SocketOptions;
  private readonly accept: Accept;

  constructor(
    loop: PollLoop,
    fd: number,
    address: ListenAddress,
    options: SocketOptions,
    accept: Accept,
  ) {
    this.loop = loop;
    this.fd = fd;
    this.host = address.host;
    this.path = address.path ?? "";
    this.options = options;
    this.accept = accept;
    scratch.expectAddress();
    loop.libc.getsockname(fd, scratch.address, scratch.len);
    this.port = this.path === "" ? scratch.view.getUint16(2) : 0;
    loop.watch(fd, this, POLL_IN);
  }

  ready(): void {
    const { libc } = this.loop;
    for (let i = 0; i < ACCEPTS_MAX && this.fd >= 0; i++) {
      scratch.expectAddress();
      const fd = libc.accept4(this.fd, scratch.address, scratch.len, ACCEPT_FLAGS);
      if (fd >= 0) {
        this.open(fd);
        continue;
      }
      const error = getSystemErrorName(-libc.errno());
      if (error === "EMFILE" || error === "ENFILE" || error === "ENOMEM" || error === "ENOBUFS") {
        this.pause();
      }
      return;
    }
  }

  private open(fd: number): void {
    const { libc } = this.loop;
    const connection = new Connection(this.loop, fd, this.path);
    if (this.path === "") {
      setOption(libc, fd, LEVEL_TCP, NO_DELAY, 1);
      const seconds = this.options.keepAliveSeconds;
      if (seconds > 0) {
        setOption(libc, fd, LEVEL_SOCKET, KEEP_ALIVE, 1);
        setOption(libc, fd, LEVEL_TCP, KEEP_IDLE, seconds);
        setOption(libc, fd, LEVEL_TCP, KEEP_INTERVAL, Math.max(1, Math.floor(seconds / 3)));
        setOption(libc, fd, LEVEL_TCP, KEEP_COUNT, PROBES);
      }
    }
    try {
      this.loop.watch(fd, connection, POLL_IN);
    } catch {
      // The system watches as many files as it can; this client is the one too many.
      libc.close(fd);
      return;
    }
    const receiver = this.accept(connection);
    if (connection.fd >= 0) connection.receiver = receiver;
  }

  private pause(): void {
    this.loop.change(this.fd, 0);
    after(ACCEPT_PAUSE_MS, () => {
      if (this.fd >= 0) this.loop.change(this.fd, POLL_IN);
    });
  }

  close(): void {
    if (this.fd < 0) return;
    this.loop.forget(this.fd);
    this.loop.libc.close(this.fd);
    this.fd = -1;
  }
}

/** Listens. Null for a host that is a name; throws an Error with a code when the system refuses. */
export function listenOn(
  loop: PollLoop,
  address: ListenAddress,
  options: SocketOptions,
  accept: Accept,
): Listening | null {
  const { libc } = loop;
  scratch ??= new Scratch(libc);
  const isUnix = address.path !== undefined && address.path !== "";
  const len = isUnix ? putPath(address.path as string) : putHost(libc, address.host, address.port);
  if (len === 0) return null;
  const fd = libc.socket(scratch.view.getUint16(0, true), STREAM, 0);
  const check = (result: number): void => {
    if (result >= 0) return;
    const code = getSystemErrorName(-libc.errno());
    if (fd >= 0) libc.close(fd);
    throw systemError(code);
  };
  check(fd);
  if (!isUnix) {
    setOption(libc, fd, LEVEL_SOCKET, REUSE_ADDRESS, 1);
    // One listener for the addresses of both families.
    if (address.host.includes(":")) setOption(libc, fd, LEVEL_IPV6, IPV6_ONLY, 0);
  }
  check(libc.bind(fd, scratch.address, len));
  check(libc.listen(fd, address.backlog > 0 ? address.backlog : BACKLOG));
  return new Listener(loop, fd, address, options, accept);
}
