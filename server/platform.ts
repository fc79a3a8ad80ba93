// platform.ts: clock, random source and process facts, from modules both runtimes ship.

import { arch, release, totalmem, type } from "node:os";
import process from "node:process";
import { after } from "./timers.ts";
import type { Clock, ProcessView, Random, Timer } from "../lib/platform/mod.ts";

/** The system's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicUs: () => performance.now() * 1000,
};

/** The system's timers. */
export const systemTimer: Timer = after;

/** Fast words from xoshiro128** seeded by the system; bytes from the system. */
export function systemRandom(): Random {
  const state = crypto.getRandomValues(new Int32Array(4));
  return {
    next32(): number {
      const s1 = state[1];
      let result = Math.imul(s1, 5);
      result = Math.imul((result << 7) | (result >>> 25), 9);
      const shifted = s1 << 9;
      state[2] ^= state[0];
      state[3] ^= s1;
      state[1] ^= state[2];
      state[0] ^= state[3];
      state[2] ^= shifted;
      state[3] = (state[3] << 11) | (state[3] >>> 21);
      return result;
    },
    fill(buf: Uint8Array): void {
      for (let at = 0; at < buf.length; at += 65536) {
        const part = buf.subarray(at, at + 65536);
        part.set(crypto.getRandomValues(new Uint8Array(part.length)));
      }
    },
  };
}

/** Whether a detached buffer is unmapped beside the program; otherwise detaching a large one takes milliseconds. */
export const detachesInBackground = process.versions.bun !== undefined;

/** Facts about this process. */
export function systemProcess(): ProcessView {
  const bun = process.versions.bun;
  return {
    pid: process.pid,
    residentBytes: () => process.memoryUsage.rss(),
    cpuUs: () => process.cpuUsage(),
    os: `${type()} ${release()} ${arch() === "x64" ? "x86_64" : arch()}`,
    executable: process.execPath,
    systemMemoryBytes: totalmem(),
    runtime: bun !== undefined ? `bun ${bun}` : `deno ${process.versions.deno ?? "?"}`,
  };
}
