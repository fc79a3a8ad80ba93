// event_loop.ts: where a server's input comes from, and when what it puts off runs.

import process from "node:process";
import { setImmediate } from "node:timers";
import type { InputMemory } from "../lib/session/inbox.ts";
import type { Listen } from "./net.ts";

/** The loop a server lives in. */
export interface EventLoop {
  readonly listen: Listen;
  /** Where its sockets put what they read; absent where they have buffers of their own. */
  readonly input?: InputMemory;
  /** Runs a function when what runs now has returned, before anything else is read. */
  later(run: () => void): void;
  /** Runs a function when all that has arrived was delivered. */
  afterTurn(run: () => void): void;
}

/** The loop of the runtime, which the server shares with whoever else lives there. */
export async function runtimeLoop(): Promise<EventLoop> {
  const isBun = "Bun" in globalThis;
  const { listen } = isBun ? await import("./net_bun.ts") : await import("./net_deno.ts");
  return { listen, later: queueMicrotask, afterTurn: (run) => setImmediate(run) };
}

/** The loop of a process that is a server and nothing else: the system's own where it can be had. */
export async function processLoop(): Promise<EventLoop> {
  const loop = await runtimeLoop();
  if (process.platform !== "linux") return loop;
  const { pollLoop } = await import("./poll_loop.ts");
  return pollLoop(loop.listen) ?? loop;
}
