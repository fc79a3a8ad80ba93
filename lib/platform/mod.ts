// platform: what the core needs from the outside world, as types only.
//
// lib/ never reads a clock, a random source, a file or a socket by itself: whoever builds an
// engine hands these in. Implementations: server/*_deno.ts, server/*_bun.ts, and the simulated
// ones of the tests. Nothing else in the project names a runtime.

/** Time. Wall time is for expiry and stamps, monotonic time for durations. */
export interface Clock {
  /** Milliseconds since the Unix epoch, an integer. May jump. */
  wallMs(): number;
  /** Microseconds of a clock that never goes back, integer part significant. */
  monotonicUs(): number;
}

/** Runs a function once, after so many milliseconds, outside of any command. Returns what calls that off. */
export type Timer = (ms: number, run: () => void) => () => void;

/** Source of randomness. */
export interface Random {
  /** A uniform 32-bit value as a signed int32; need not be unpredictable. */
  next32(): number;
  /** Fills `buf` with unpredictable bytes (keys of hash functions, ids). */
  fill(buf: Uint8Array): void;
}

/** The transport of one client connection, as seen by a session. */
export interface Socket {
  /**
   * Writes as much of buf[off, off+len) as the transport takes now.
   * Returns the number of bytes taken, 0..len; when less than len, the owner calls the session's
   * `writable` as soon as there is room again. Must not keep a reference to `buf`.
   */
  write(buf: Uint8Array, off: number, len: number): number;
  /** Stops or restarts the delivery of input (back-pressure on the peer). */
  pauseInput(paused: boolean): void;
  /** Closes; what was written before still goes out. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** "ip:port", "[ip6]:port", or the path of a Unix socket followed by ":0". */
  readonly remote: string;
  readonly local: string;
  /** True for Unix sockets. */
  readonly isUnix: boolean;
  /** File descriptor number to show in CLIENT LIST, or -1. */
  readonly fd: number;
}

/** Severity of a log line, lowest first: debug, verbose, notice, warning. */
export type LogLevel = 0 | 1 | 2 | 3;

/** Where log lines go. */
export interface Log {
  write(level: LogLevel, text: string): void;
}

/** What INFO, MEMORY and LOLWUT want to know about the process. */
export interface ProcessView {
  readonly pid: number;
  /** Resident set in bytes. */
  residentBytes(): number;
  /** User and system CPU microseconds of the process since its start. */
  cpuUs(): { user: number; system: number };
  /** For INFO: "Linux 6.1.0 x86_64" and the like. */
  readonly os: string;
  /** Path of the executable and of the configuration file ("" if none). */
  readonly executable: string;
  /** Total memory of the machine in bytes. */
  readonly systemMemoryBytes: number;
  /** "deno 2.9.6" or "bun 1.4.5". */
  readonly runtime: string;
}

/** A file that is open for writing. */
export interface OutputFile {
  /** Appends all of buf[off, off+len). Throws an Error with the system's words; how much went out is then unknown. */
  write(buf: Uint8Array, off: number, len: number): void;
  /**
   * As write, without waiting; `done` gets "" or what went wrong. The bytes must stay as they are until then, and the file
   * open. Several may be under way, and writes that are waited for meanwhile: each has its place from the start.
   */
  writeLater(buf: Uint8Array, off: number, len: number, done: (problem: string) => void): void;
  /** Makes what was written survive a power cut. Throws an Error with the system's words. */
  sync(): void;
  /** As sync, without waiting; `done` gets "" or what went wrong. */
  syncLater(done: (problem: string) => void): void;
  close(): void;
}

/** A file that is open for reading, from its start to its end. */
export interface InputFile {
  /** Bytes it had when it was opened. */
  readonly size: number;
  /** Reads up to `len` of the bytes that follow to buf[off ...]; returns how many, 0 at the end. Throws as OutputFile does. */
  read(buf: Uint8Array, off: number, len: number): number;
  close(): void;
}

/** What can be done to names without waiting. */
export type NameOperation =
  | { kind: "rename"; from: string; to: string }
  | { kind: "remove"; name: string }
  | { kind: "syncDirectory"; name: string };

/**
 * The files of a server's working directory, by name; "DIRECTORY/NAME" for those one below. All but those called later return
 * when the system has done it, and throw an Error with the system's words when it cannot.
 */
export interface Files {
  /**
   * Makes the working directory this server's own, until the process ends. Returns "" or why another one has it. With
   * `alone` directories claimed before are given up.
   */
  claim(alone: boolean): string;
  /** The files of the directory that is the working directory now, also when it is another one later. */
  here(): PlacedFiles;
  /** A new, empty file in the place of any of that name. */
  create(name: string): OutputFile;
  /** The file of that name, to be written at its end; a new one when there is none. */
  append(name: string): OutputFile;
  /** The whole contents, or null when there is no such file; for small ones. */
  read(name: string): Uint8Array | null;
  /** The file of that name, to be read in pieces; null when there is none. */
  open(name: string): InputFile | null;
  /** Bytes, or -1 when there is no such file. */
  size(name: string): number;
  /** Names of the files in a directory, none where there is no such directory; "" is the working directory itself. */
  list(directory: string): string[];
  /** Cuts a file to its first `size` bytes. */
  truncate(name: string, size: number): void;
  /** Gives a file another name, in the place of any of that name. */
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Makes a directory unless there is one of that name. */
  makeDirectory(name: string): void;
  /** Makes creations, renames and removals in a directory survive a power cut; "" is the working directory itself. */
  syncDirectory(name: string): void;
  /** As the method of that name, without waiting; `done` gets "" or what went wrong. */
  later(operation: NameOperation, done: (problem: string) => void): void;
}

/** The files of one directory. */
export interface PlacedFiles extends Files {
  /** Goes to the directory that is the working directory now. */
  follow(): void;
}
