// tool_io.ts: the standard streams for tools that run from start to end without waiting for anything but their user.
//
// Everything is synchronous: what was written is out before the next thing happens, and before the process ends. Texts are
// latin-1: a character for each byte.

import { readSync, writeSync } from "node:fs";
import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { errorCode } from "./config_host.ts";

/** Where a tool says what it finds, and asks. */
export interface ToolIo {
  out(text: string): void;
  err(text: string): void;
  /** A line of standard input without its end; null when there is none. */
  line(): string | null;
}

const STDIN = 0, STDOUT = 1, STDERR = 2;
/** Milliseconds to wait for a pipe that does not block. */
const RETRY_MS = 2;

/** The streams of the process. */
export const processToolIo: ToolIo = {
  out: (text) => writeAll(STDOUT, fromLatin1(text)),
  err: (text) => writeAll(STDERR, fromLatin1(text)),
  line: readLine,
};

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let off = 0; off < bytes.length;) {
    try {
      off += writeSync(fd, bytes, off, bytes.length - off);
    } catch (error) {
      // Nobody reads any more: the work and its exit code still count.
      if (errorCode(error) === "EPIPE") return;
      if (errorCode(error) !== "EAGAIN") throw error;
      wait();
    }
  }
}

function wait(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}

function readLine(): string | null {
  const byte = new Uint8Array(1);
  let line = "";
  for (;;) {
    const read = readByte(byte);
    if (read === 0) return line === "" ? null : line;
    if (byte[0] === 0x0a) return line;
    line += String.fromCharCode(byte[0]);
  }
}

/** Bytes read, 1 or 0; 0 at the end of the input. */
function readByte(byte: Uint8Array): number {
  for (;;) {
    try {
      return readSync(STDIN, byte, 0, 1, null);
    } catch (error) {
      if (errorCode(error) === "EOF") return 0;
      if (errorCode(error) !== "EAGAIN") throw error;
      wait();
    }
  }
}
