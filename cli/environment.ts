// environment.ts: what the client is given by whoever starts it, and the way it ends early.

/** An argument of a command, named as COMMAND DOCS names it. */
export interface DocArg {
  readonly name: string;
  /** "string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block". */
  readonly type: string;
  /** Shown instead of the name. */
  readonly display?: string;
  readonly token?: string;
  readonly since?: string;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  /** A repeated argument repeats its token too. */
  readonly multipleToken?: boolean;
  readonly args?: readonly DocArg[];
}

/** What is known of one command or subcommand; a command declaration of the server has this shape. */
export interface CommandDoc {
  /** "GET", or "CONFIG|SET" for a subcommand. */
  readonly name: string;
  readonly group: string;
  readonly since: string;
  readonly summary: string;
  readonly args?: readonly DocArg[];
}

/** A connection inside the process: bytes in both directions, no socket. */
export interface EmbeddedConnection {
  /** Sends to the server. The connection may keep no reference to `bytes`. */
  write(bytes: Uint8Array): void;
  /** Set by the client; called with what the server sends, which is copied before it returns. */
  onData: (bytes: Uint8Array) => void;
  close(): void;
}

/** Everything the client takes from outside; all of it may be left out. */
export interface CliEnvironment {
  /** Environment variables; those of the process when left out. */
  variables?: Readonly<Record<string, string | undefined>>;
  /** Version of the program, for --version. */
  version?: string;
  /** Opens a connection to a server inside the process, for --embedded. */
  embedded?: () => EmbeddedConnection | Promise<EmbeddedConnection>;
  /** The command table for help and hints where no server can be asked. */
  docs?: () => readonly CommandDoc[] | Promise<readonly CommandDoc[]>;
}

/** Thrown to end the client with an exit code; what is to be said has been said. */
export class CliExit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
