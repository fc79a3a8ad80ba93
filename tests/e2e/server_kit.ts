// server_kit.ts: starts a server as users do, with exactly the words of the test, and collects what
// it prints until it ends. (tests/kit/server.ts is the shorter way when any server will do.)
//
//   SIGRUN_BIN                program to test instead of mod.ts
//   SIGRUN_REFERENCE_SERVER   a valkey-server whose texts the tests compare with

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { encodeArgs, FrameReader, latin1 } from "../kit/resp.ts";
import { programUnderTest } from "../kit/server.ts";
import { openSocket } from "../kit/socket_transport.ts";

const WAIT_MS = 20_000;
const LOOK_MS = 10;

/** How to start a program. */
export interface StartOptions {
  /** Program and first words; the server under test with `serve` when absent. */
  program?: readonly string[];
  /** Standard input; closed at once when absent. */
  stdin?: string;
  /** Working folder. */
  cwd?: string;
}

/** The command line of the server under test, without its arguments. */
export function serverUnderTest(): string[] {
  return [...programUnderTest(), "serve"];
}

/** The path of the reference server, or undefined. */
export function referenceServer(): string | undefined {
  return process.env.SIGRUN_REFERENCE_SERVER || undefined;
}

/** Waits until `isDone`; throws an Error with `describe()` when that takes too long. */
export async function waitFor(
  isDone: () => boolean | Promise<boolean>,
  describe: () => string,
  waitMs = WAIT_MS,
): Promise<void> {
  const until = Date.now() + waitMs;
  while (!await isDone()) {
    if (Date.now() > until) throw new Error(`waited ${waitMs} ms for: ${describe()}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

/** A started program. Output is one character a byte. */
export class Program {
  stdout = "";
  stderr = "";
  /** Exit code; the name of a signal that ended it; undefined while it runs. */
  ending: number | string | undefined;
  #child: ChildProcess;
  #ended: Promise<number | string>;

  constructor(words: readonly string[], options: StartOptions = {}) {
    const [program, ...first] = options.program ?? serverUnderTest();
    const child = spawn(program, [...first, ...words], {
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdout.on("data", (bytes: Uint8Array) => this.stdout += latin1(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => this.stderr += latin1(bytes));
    child.stdin.on("error", () => {}); // the program may end before it has read everything
    child.stdin.end(options.stdin ?? "");
    this.#ended = new Promise((done) => {
      const end = (ending: number | string) => {
        this.ending = ending;
        done(ending);
      };
      child.once("error", (error) => {
        this.stderr += error.message;
        end(127);
      });
      child.once("close", (code, signal) => end(code ?? signal ?? 1));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  signal(name: NodeJS.Signals): void {
    // Not child.kill: on Deno the end is then reported as that signal even if the program handled it.
    if (this.ending === undefined) process.kill(this.pid, name);
  }

  /** Resolves with the exit code or the name of the signal. */
  async ended(): Promise<number | string> {
    await waitFor(
      () => this.ending !== undefined,
      () => `the end of\n${this.stdout}${this.stderr}`,
    );
    return await this.#ended;
  }

  /** Waits until the log (standard output) matches. */
  async logs(pattern: RegExp): Promise<void> {
    await waitFor(
      () => pattern.test(this.stdout) || this.ending !== undefined,
      () => `${pattern} in\n${this.stdout}${this.stderr}`,
    );
    if (pattern.test(this.stdout)) return;
    throw new Error(`ended (${this.ending}) without ${pattern}:\n${this.stdout}${this.stderr}`);
  }

  /** Waits until it accepts connections. */
  ready(): Promise<void> {
    return this.logs(/Ready to accept connections/);
  }

  /** Ends it, politely first. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), WAIT_MS / 2);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Runs a program that ends by itself. */
export async function runToEnd(
  words: readonly string[],
  options: StartOptions = {},
): Promise<Program> {
  const program = new Program(words, options);
  try {
    await program.ended();
  } finally {
    await program.stop();
  }
  return program;
}

/** Runs a body with a server that is ready, and stops it in any case. */
export async function withProgram(
  words: readonly string[],
  body: (program: Program) => Promise<void>,
  options: StartOptions = {},
): Promise<void> {
  const program = new Program(words, options);
  try {
    await program.ready();
    await body(program);
  } finally {
    await program.stop();
  }
}

/** Runs a body with a temporary folder, removed at the end. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-e2e-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends one command over a new connection; returns the reply as it is on the wire. */
export async function ask(port: number, ...words: string[]): Promise<string> {
  return await askAt("127.0.0.1", port, ...words);
}

/** The same at another address. */
export async function askAt(host: string, port: number, ...words: string[]): Promise<string> {
  const connection = await openSocket(host, port);
  try {
    await connection.write(encodeArgs(words));
    return await connection.frame(WAIT_MS);
  } finally {
    connection.close();
  }
}

/** The same over a Unix socket. */
export function askUnix(path: string, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader();
    const socket = connect(path);
    socket.on("error", reject);
    socket.on("connect", () => socket.write(encodeArgs(words)));
    socket.on("data", (bytes: Uint8Array) => {
      reader.push(latin1(bytes));
      const frame = reader.next();
      if (frame === undefined) return;
      socket.destroy();
      resolve(frame);
    });
    socket.on("close", () => reject(new Error(`${path} hung up`)));
  });
}

/** True when this machine can listen on an address. */
export function canListen(host: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen(0, host, () => probe.close(() => done(true)));
  });
}

/** An IPv4 address of this machine that is not loopback, or undefined. */
export function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find((address) => address.family === "IPv4" && !address.internal)?.address;
}

/** Waits until a file is gone. */
export function gone(path: string): Promise<void> {
  return waitFor(() => !existsSync(path), () => `${path} to be removed`);
}
