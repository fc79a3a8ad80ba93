// context.ts: what a command handler sees. The session layer owns the only instance per engine and fills it before
// each command; commands never import the session layer.
//
// A handler reads its arguments from `argBuf` at `off[i]`, `len[i]` (0 is the command name; a subcommand's own name is
// argument 1), works on `keyspace` and `db`, and appends exactly one reply to `out`. It must not keep any of these after
// it returns. Time does not move during a command: `nowMs`.

import type { Database, Keyspace } from "../engine/keyspace.ts";
import type { ReplyWriter } from "../codec/reply_writer.ts";
import type { ConfigView } from "./config_view.ts";
import type { ClientsView, ClientView } from "./client_view.ts";
import type { Notifier } from "./notify.ts";
import type { PubSubView } from "./pubsub_view.ts";
import type { Propagator } from "./propagate.ts";
import type { ServerView } from "./server_view.ts";
import type { CommandTable } from "./table.ts";
import type { TrackingView } from "./tracking_view.ts";

const NO_PROPAGATOR: Propagator = {
  active: false,
  instead: () => {},
  also: () => {},
  nothing: () => {},
  anyway: () => {},
};

/** Hashes of keys that were worked out before their commands run, and the records these will likely lead to. */
export interface Ahead {
  readonly hashes: Int32Array;
  /** Records by place, 0 for none; good while `Keyspace.moves` and `Database.main` are those given here. */
  readonly entries: Int32Array;
  readonly moves: number;
  readonly main: number;
  /**
   * Works out the keys from argument `arg` on, the first behind those the context knows, where the running command has
   * more keys than are worked out at once. False when it has no key there.
   */
  further(ctx: Ctx, arg: number): boolean;
}

const NOTHING_AHEAD: Ahead = {
  hashes: new Int32Array(0),
  entries: new Int32Array(0),
  moves: -1,
  main: 0,
  further: () => false,
};

/** The surroundings of one running command. */
export class Ctx {
  // ---- request
  argBuf: Uint8Array = new Uint8Array(0);
  off: Int32Array = new Int32Array(1);
  len: Int32Array = new Int32Array(1);
  argc = 0;
  /** Where the whole request is in `argBuf`, as it came; -1 where it lies otherwise or not as one piece. */
  rawOff = -1;
  rawLen = 0;
  /**
   * What was worked out ahead: argument aheadFirst + n, n < aheadSpan, has place aheadPlace + (n >> aheadShift). The span
   * is 0 where nothing was.
   */
  aheadSpan = 0;
  aheadFirst = 0;
  aheadPlace = 0;
  aheadShift = 0;
  ahead: Ahead = NOTHING_AHEAD;
  // ---- reply
  out: ReplyWriter;
  // ---- data
  keyspace: Keyspace;
  /** The client's selected database. */
  db: Database;
  /** Wall time of this command, transaction or script: integer milliseconds. */
  nowMs = 0;
  /** Changes to the data set made by this command; 0 means nothing to propagate. */
  dirty = 0;
  // ---- surroundings
  client!: ClientView;
  clients: ClientsView;
  server: ServerView;
  config: ConfigView;
  table: CommandTable;
  propagator: Propagator = NO_PROPAGATOR;
  notifier: Notifier = { mask: 0, publish: () => {} };
  pubsub!: PubSubView;
  tracking!: TrackingView;
  /** Hash of the key of the last lookup, for stores that follow it. */
  hash = 0;
  /** True when this client's reads do not count as an access (CLIENT NO-TOUCH on). */
  noTouch = false;

  constructor(
    out: ReplyWriter,
    keyspace: Keyspace,
    clients: ClientsView,
    server: ServerView,
    config: ConfigView,
    table: CommandTable,
  ) {
    this.out = out;
    this.keyspace = keyspace;
    this.db = keyspace.dbs[0];
    this.clients = clients;
    this.server = server;
    this.config = config;
    this.table = table;
  }
}
