// client_view.ts: connections as commands see them. Implemented by lib/session.

/** Why and for how long clients are paused. */
export type PauseMode = "all" | "write";

/** What a blocked client waits for. */
export type BlockKind = "list" | "zset" | "stream" | "acknowledgement" | "shutdown";

/** The connection a command runs for. Text fields are latin-1 (one character per byte). */
export interface ClientView {
  readonly id: number;
  /** 2 or 3. Set by HELLO and RESET. */
  proto: number;
  /** Index of the selected database. */
  readonly dbIndex: number;
  name: string;
  libName: string;
  libVer: string;
  readonly remote: string;
  readonly local: string;
  authenticated: boolean;
  user: string;
  noEvict: boolean;
  noTouch: boolean;
  /** Set by READONLY. */
  readsReplicas: boolean;
  /** Bits of CLIENT CAPA. */
  capaRedirect: boolean;
  importSource: boolean;
  /** Whether it is the connection to the primary, or one of a replica. */
  readonly isPrimary: boolean;
  readonly isReplica: boolean;
  /** True between MULTI and EXEC or DISCARD. */
  readonly inMulti: boolean;
  /** True while EXEC runs the queued commands. */
  readonly inExec: boolean;
  /** Whether it has subscriptions. */
  readonly isSubscribed: boolean;
  /** Whether it monitors, and the way to start that. */
  readonly isMonitor: boolean;
  monitor(): void;
  /** Marks the connection as logged in. */
  login(user: string): void;
  /** Selects a database that exists. */
  select(index: number): void;
  /** Closes after the reply was sent. */
  closeAfterReply(): void;
  /** CLIENT REPLY: "on", "off", "skip". */
  setReplyMode(mode: "on" | "off" | "skip"): void;
  /** RESET: back to the state of a new connection, but for id, addresses, library, capabilities and import source. */
  reset(): void;
  /**
   * To be asked between the elements of a reply that may become very long. When it is false the replies that wait for
   * this client exceed its hard limit or `bytesMax`: the handler leaves its reply as it is, and the connection ends
   * without it. A transaction is still executed to its end.
   */
  mayReply(bytesMax: number): boolean;
  // ---- waiting (lib/session/blocking.ts)
  /**
   * False where a command must not wait: in a transaction or script, and when its time is up. Such a command answers with
   * what there is.
   */
  readonly mayBlock: boolean;
  /** True while a command that waited runs again. */
  readonly runsAgain: boolean;
  /**
   * Makes the client wait for one of the keys in arguments `first` to `first + count - 1`; the handler returns without a
   * reply. The command runs again from the start when a key of that kind may be ready; with `onNoKey` also when one of
   * the keys goes. `untilMs` is the wall time in milliseconds at which a null array is the reply, 0 for never; when the
   * command runs again the first one stands. One that waits for acknowledgements has no keys, and runs again when its time
   * is up.
   */
  block(kind: BlockKind, first: number, count: number, untilMs: number, onNoKey?: boolean): void;
  /** After `block`: replaces an argument of the waiting command by something that does not change with time. */
  blockArgument(index: number, bytes: Uint8Array): void;
  // ---- standing still (lib/session/standstill.ts)
  /**
   * Makes everything wait for something outside that the running command needs; the handler returns without a reply.
   * The function returned is to be called once, outside of any command, when that is there: it runs `rest` with the
   * command's arguments and time in the context, to reply and to change data, and then everybody goes on. Not for
   * commands of a script, which cannot be left in the middle.
   */
  standStill(): (rest: () => void) => void;
  // ---- transactions (lib/session/transaction.ts)
  multiStart(): void;
  /** Runs the queue and writes the EXEC reply. */
  multiExec(): void;
  multiDiscard(): void;
  watch(dbIndex: number, buf: Uint8Array, off: number, len: number): void;
  unwatch(): void;
}

/** Kinds of connections, by what they are used for. */
export type ClientType = "normal" | "pubsub" | "replica" | "primary";

/** Properties of connections to look for, texts as shown in CLIENT LIST; absent ones do not matter. */
export interface ClientCriteria {
  ids?: Set<number>;
  type?: ClientType;
  user?: string;
  addr?: string;
  laddr?: string;
  /** Letters that must all be among those of the flags field; "N" stands for none. */
  flags?: string;
  /** Letters of the capa field, likewise. */
  capa?: string;
  name?: string;
  libName?: string;
  libVer?: string;
  /** The address of `addr` without the port. */
  ip?: string;
  db?: number;
}

/** Filters of CLIENT LIST and CLIENT KILL. */
export interface ClientFilter {
  /** All of these must hold. */
  has: ClientCriteria;
  /** None of these may hold. */
  not: ClientCriteria;
  /** At least this many seconds old. */
  maxAge?: number;
  /** At least this many seconds idle. */
  idle?: number;
  /** Leave out the calling client. */
  skipMe: boolean;
}

/** Sums over all connections. */
export interface ClientsSummary {
  blocked: number;
  /** Distinct keys clients wait for, and those of them whose deletion wakes a client. */
  blockingKeys: number;
  blockingKeysOnNoKey: number;
  /** Clients that wait for keys, but not for ever. */
  waitingWithTimeout: number;
  tracking: number;
  replicas: number;
  pubsub: number;
  watching: number;
  /** Distinct keys that somebody watches. */
  watchedKeys: number;
  /** Largest input and output buffers there are now, bytes. */
  inputBytesMax: number;
  outputBytesMax: number;
  /** Bytes all connections hold, and those of replicas among them. */
  bytes: number;
  replicaBytes: number;
  /** What is paused, null when nothing is, and until when (wall time in milliseconds). */
  paused: PauseMode | null;
  pausedUntilMs: number;
}

/** All connections. */
export interface ClientsView {
  readonly count: number;
  /** Grows with the number of connections. */
  summary(): ClientsSummary;
  /** One line of CLIENT LIST without the line feed. */
  describe(client: ClientView): string;
  /** Matching clients by ascending id. */
  select(filter: ClientFilter, self: ClientView): ClientView[];
  byId(id: number): ClientView | null;
  /** Whether there is a user of this name. */
  hasUser(name: string): boolean;
  /** Closes a connection; the calling one after its reply. */
  kill(client: ClientView, self: ClientView): void;
  /** Pauses all or only writing commands until a wall time in milliseconds. */
  pause(mode: PauseMode, untilMs: number): void;
  unpause(): void;
  /** Whether a pause holds. */
  isPaused(): boolean;
  /** Wakes a blocked client with a null reply or an error; false when it was not blocked. */
  unblock(id: number, withError: boolean): boolean;
}
