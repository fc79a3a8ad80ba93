// io.ts: the three standard streams as the client uses them.
//
// Output is written at once and synchronously, reply by reply, so that a reader on the other side
// of a pipe sees each reply as soon as it is there, and nothing is lost when the process ends.
// Input is pulled: nothing is read before somebody asks, and reading stops when nobody does.

import { read, writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { utf8 } from "./byte_writer.ts";
import { CliExit } from "./environment.ts";

/** 128 + SIGPIPE: what a shell reports for a program that a closed pipe ended. */
const EXIT_SIGPIPE = 141;
const STDIN = 0, STDOUT = 1, STDERR = 2;
/** Milliseconds to wait for room in a pipe that does not block. */
const RETRY_MS = 2;
const READ_BYTES = 65536;

/** Where the client writes and what it may know about it. */
export interface Io {
  readonly stdinIsTty: boolean;
  /** True too when the environment says so with FAKETTY. */
  readonly stdoutIsTty: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Standard input, read as a stream of bytes. */
  readonly input: ByteSource;
  /** A closed standard output is not the end of the client. Set in interactive mode. */
  surviveClosedOutput: boolean;
  out(bytes: Uint8Array): void;
  print(text: string): void;
  err(text: string): void;
}

/** Bytes that arrive over time. */
export interface ByteSource {
  /** The next bytes, or null at the end. */
  chunk(): Promise<Uint8Array | null>;
  /** The next line without its newline, or null at the end. */
  line(): Promise<Uint8Array | null>;
  /** Everything up to the end. */
  all(): Promise<Uint8Array>;
  /** Resolves when bytes, or the end, are there to be taken. */
  ready(): Promise<void>;
}

/** The streams of the process. */
export function processIo(variables: Readonly<Record<string, string | undefined>>): Io {
  let input: InputSource | null = null;
  const io: Io = {
    stdinIsTty: isatty(STDIN),
    stdoutIsTty: isatty(STDOUT) || variables.FAKETTY !== undefined,
    variables,
    get input() {
      input ??= new InputSource(io.stdinIsTty ? streamReader(process.stdin) : fileReader(STDIN));
      return input;
    },
    surviveClosedOutput: false,
    out: (bytes) => writeAll(STDOUT, bytes, io),
    print: (text) => writeAll(STDOUT, utf8(text), io),
    err: (text) => writeAll(STDERR, utf8(text), io),
  };
  return io;
}

function writeAll(fd: number, bytes: Uint8Array, io: Io): void {
  let off = 0;
  while (off < bytes.length) {
    try {
      off += writeSync(fd, bytes, off, bytes.length - off);
    } catch (error) {
      const code = codeOf(error);
      if (code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
        continue;
      }
      if (io.surviveClosedOutput || fd === STDERR) return;
      throw new CliExit(code === "EPIPE" ? EXIT_SIGPIPE : 1);
    }
  }
}

/** The system's name of an error ("ENOENT"), or "". */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

const ERROR_TEXTS: Record<string, string> = {
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAI_AGAIN: "Temporary failure in name resolution",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "No route to host",
  EISDIR: "Is a directory",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  ENOTFOUND: "Name or service not known",
  ENOTSOCK: "Socket operation on non-socket",
  ENETUNREACH: "Network is unreachable",
  ENOSPC: "No space left on device",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  ETIMEDOUT: "Connection timed out",
};

/** The words the C library has for a system error. */
export function systemText(error: unknown): string {
  const code = codeOf(error);
  if (ERROR_TEXTS[code] !== undefined) return ERROR_TEXTS[code];
  const text = error instanceof Error ? error.message : String(error);
  // "ENXIO: no such device or address, open 'x'": the words in the middle are the system's.
  const words = /^E[A-Z0-9]+: ([a-z])(.*?)(, \w+( '.*)?)?$/s.exec(text);
  return words === null ? text : words[1].toUpperCase() + words[2];
}

/** Waits; zero and less wait for nothing. */
export function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}

/** The parts of a readable stream that are used here. */
type Readable = {
  on(event: string, listener: (value: Uint8Array) => void): unknown;
  pause(): unknown;
  resume(): unknown;
};

const NEWLINE = 10;

/** Gets the next bytes; null at the end, for ever after. */
type ReadNext = () => Promise<Uint8Array | null>;

/**
 * Reads a pipe or file by its descriptor. Not as a stream: where input is held back and let go again, Bun's standard
 * input may lose its end.
 */
function fileReader(fd: number): ReadNext {
  const buf = new Uint8Array(READ_BYTES);
  const next: ReadNext = () =>
    new Promise((resolve) => {
      read(fd, buf, 0, buf.length, null, (error, count) => {
        if (error === null) resolve(count === 0 ? null : buf.slice(0, count));
        // Somebody else made the pipe one that does not wait.
        else if (codeOf(error) === "EAGAIN") setTimeout(() => resolve(next()), RETRY_MS);
        else resolve(null);
      });
    });
  return next;
}

/** Reads a terminal. */
function streamReader(stream: Readable): ReadNext {
  const chunks: Uint8Array[] = [];
  let ended = false;
  let wake: (() => void) | null = null;
  const woken = (): void => {
    const go = wake;
    wake = null;
    go?.();
  };
  const end = (): void => {
    ended = true;
    woken();
  };
  stream.on("data", (bytes) => {
    chunks.push(new Uint8Array(bytes));
    stream.pause();
    woken();
  });
  stream.on("end", end);
  stream.on("close", end);
  stream.on("error", end);
  return async () => {
    while (chunks.length === 0 && !ended) {
      const waiting = new Promise<void>((resolve) => wake = resolve);
      stream.resume();
      await waiting;
    }
    return chunks.shift() ?? null;
  };
}

/** Bytes of a reader, piece by piece or line by line. */
class InputSource implements ByteSource {
  readonly #next: ReadNext;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #reading: Promise<void> | null = null;

  constructor(next: ReadNext) {
    this.#next = next;
  }

  async ready(): Promise<void> {
    while (this.#chunks.length === 0 && !this.#ended) {
      this.#reading ??= this.#read();
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const bytes = await this.#next();
    this.#reading = null;
    if (bytes === null) this.#ended = true;
    else this.#chunks.push(bytes);
  }

  async chunk(): Promise<Uint8Array | null> {
    await this.ready();
    return this.#chunks.shift() ?? null;
  }

  async line(): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    while (true) {
      const chunk = this.#chunks.length > 0 ? this.#chunks[0] : await this.#peek();
      if (chunk === null) return parts.length === 0 ? null : join(parts);
      const end = chunk.indexOf(NEWLINE);
      if (end >= 0) {
        parts.push(chunk.subarray(0, end));
        if (end + 1 < chunk.length) this.#chunks[0] = chunk.subarray(end + 1);
        else this.#chunks.shift();
        return join(parts);
      }
      parts.push(chunk);
      this.#chunks.shift();
    }
  }

  async all(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let part = await this.chunk(); part !== null; part = await this.chunk()) parts.push(part);
    return join(parts);
  }

  async #peek(): Promise<Uint8Array | null> {
    await this.ready();
    return this.#chunks.length > 0 ? this.#chunks[0] : null;
  }
}

/** Several runs of bytes as one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let off = 0;
  for (const part of parts) {
    whole.set(part, off);
    off += part.length;
  }
  return whole;
}
