// cli_pty.ts: a conversation with the client on a real pseudo-terminal.
//
// No runtime can make a pseudo-terminal by itself; python3 can. A small program runs the client on
// one, plays a script of steps and hands back everything that came out. Where there is no python3
// the tests that need it say so.

import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { latin1 } from "../kit/resp.ts";
import { clientUnderTest, clientVariables } from "./cli_kit.ts";

/**
 * One step of a conversation: wait until `wait` has come out since the last step (blanks and
 * escape sequences count as they are), then send `send`.
 */
export type PtyStep = { wait: string; send?: string };

/** What a conversation left behind. */
export type PtyOutcome = {
  /** Everything that came out. */
  output: string;
  code: number | null;
  /** The step that was waited for in vain, or null. */
  stuck: number | null;
};

/** The whole of a conversation. */
export type PtyRun = {
  args: string[];
  steps: PtyStep[];
  env?: Record<string, string>;
  cols?: number;
  rows?: number;
  /** Command line to run instead of the client under test. */
  program?: string[];
};

const STEP_SECONDS = 15;

const DRIVER = `
import fcntl, json, os, pty, select, signal, struct, sys, termios, time
run = json.load(sys.stdin)
pid, fd = pty.fork()
if pid == 0:
    os.execvpe(run["words"][0], run["words"], run["env"])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", run["rows"], run["cols"], 0, 0))
out = b""
def read(seconds):
    global out
    ready, _, _ = select.select([fd], [], [], seconds)
    if not ready: return False
    try: more = os.read(fd, 65536)
    except OSError: return None
    if more == b"": return None
    out += more
    return True
stuck = None
seen = 0
for number, step in enumerate(run["steps"]):
    wait = step["wait"].encode("latin-1")
    until = time.time() + run["seconds"]
    while out.find(wait, seen) < 0 and time.time() < until:
        if read(0.1) is None: until = 0
    at = out.find(wait, seen)
    if at < 0:
        stuck = number
        break
    seen = at + len(wait)
    if "send" in step: os.write(fd, step["send"].encode("latin-1"))
if stuck is not None: os.kill(pid, signal.SIGKILL)
until = time.time() + run["seconds"]
while time.time() < until and read(0.1) is not None: pass
if time.time() >= until: os.kill(pid, signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
json.dump({"output": out.decode("latin-1"), "code": code, "stuck": stuck}, sys.stdout)
`;

/** Why no pseudo-terminal can be had here, or null. */
export function ptyMissing(): string | null {
  if (process.platform === "win32") return "no pseudo-terminals on this system";
  const probe = spawnSync("python3", ["-c", "import pty"]);
  return probe.status === 0 ? null : "python3 is not installed";
}

/** Plays a conversation. */
export function runOnPty(run: PtyRun): Promise<PtyOutcome> {
  const request = {
    words: [...run.program ?? clientUnderTest(), ...run.args],
    env: { ...clientVariables(), TERM: "xterm-256color", ...run.env },
    cols: run.cols ?? 80,
    rows: run.rows ?? 24,
    steps: run.steps,
    seconds: STEP_SECONDS,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("python3", ["-c", DRIVER], { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes: Uint8Array) => stdout += latin1(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => stderr += latin1(bytes));
    child.on("error", reject);
    child.on("close", () => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`the driver failed: ${stderr}`));
      }
    });
    child.stdin.end(JSON.stringify(request));
  });
}

/** Output without escape sequences and carriage returns. */
export function plainText(output: string): string {
  // deno-lint-ignore no-control-regex
  return output.replaceAll(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]|\r/g, "");
}
