// replication_rules.ts: what the two sides of replication may not do.
//
//   a server that follows   refuses writes (READONLY), or all that needs good data while its primary is away (MASTERDOWN)
//   one that asks for company   refuses writes while too few replicas are near (NOREPLICAS)
//   a replica's connection  only says how far it is: no data, no replies
//
// The primary's stream obeys none of this. EXEC counts as what it would run.

import { latin1 } from "../bytes/ascii.ts";
import { line } from "../codec/reply_writer.ts";
import { ERR_LOADING } from "../commands/args.ts";
import { MAY_REPLICATE, NO_ASYNC_LOADING, READONLY, STALE, WRITE } from "../commands/spec.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

const LOG_WARNING = 3;
const ERROR_SHOWN_BYTES = 4096;

const ERR_READ_ONLY = line("-READONLY You can't write against a read only replica.");
const ERR_NO_REPLICAS = line("-NOREPLICAS Not enough good replicas to write.");
const ERR_STALE = line(
  "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
const ERR_REPLICA = line("-ERR Replica can't interact with the keyspace");

/** What holds at the moment. Kept by who knows (server/replication.ts). */
export interface ReplicationRules {
  /** Writes of clients are refused. */
  readOnly: boolean;
  /** The data may be old, and must not be shown then. */
  stale: boolean;
  lacksReplicas: boolean;
  /** "host:port" of the primary, for clients that want to be sent there; "" without one. */
  primary: string;
  /** New data is loaded beside the old, which is served meanwhile. */
  loadsBeside: boolean;
  /** It is not decided yet who the primary is: such clients wait. */
  isFailingOver: boolean;
}

/** The command must wait. */
export const WAIT_FOR_PRIMARY = new Uint8Array(0);

/** Whether a command, or one of those EXEC would run, has one of the flags. */
function does(engine: Engine, session: Session, id: number, wanted: number): boolean {
  const { flags } = engine.table;
  if ((flags[id] & wanted) !== 0) return true;
  if (id !== engine.execId || session.transaction === null) return false;
  return session.transaction.queue.some((queued) => (flags[queued.id] & wanted) !== 0);
}

/** Whether it, or something EXEC would run, may not be answered from old data. */
function needsGoodData(engine: Engine, session: Session, id: number): boolean {
  const { flags } = engine.table;
  if ((flags[id] & STALE) === 0) return true;
  if (id !== engine.execId || session.transaction === null) return false;
  return session.transaction.queue.some((queued) => (flags[queued.id] & STALE) === 0);
}

/** Why a client's command is refused, null when it is not, or WAIT_FOR_PRIMARY. */
export function replicationRefusal(
  engine: Engine,
  session: Session,
  id: number,
): Uint8Array | null {
  const { replicationRules: rules } = engine;
  const writes = does(engine, session, id, WRITE);
  if (rules.primary !== "" && session.capaRedirect) {
    const reads = !session.readsReplicas && does(engine, session, id, READONLY);
    if ((writes || reads) && rules.isFailingOver) return WAIT_FOR_PRIMARY;
    if (writes || reads) return line(`-REDIRECT ${rules.primary}`);
  }
  if (rules.loadsBeside && (engine.table.flags[id] & NO_ASYNC_LOADING) !== 0) return ERR_LOADING;
  if (writes && rules.lacksReplicas) return ERR_NO_REPLICAS;
  if (writes && rules.readOnly) return ERR_READ_ONLY;
  if (rules.stale && needsGoodData(engine, session, id)) return ERR_STALE;
  return null;
}

/** Why a command that came over a connection of replication is refused, or null. */
export function replicaRefusal(engine: Engine, session: Session, id: number): Uint8Array | null {
  if (!session.isReplica) return null;
  return does(engine, session, id, WRITE | READONLY | MAY_REPLICATE) ? ERR_REPLICA : null;
}

/** A request of such a connection ran. */
export function linkRan(engine: Engine, session: Session): void {
  const { ctx, replyStart, server } = engine;
  const { out } = ctx;
  const isError = out.pos > replyStart && out.buf[replyStart] === 45;
  if (isError) {
    const [from, to] = session.isReplica ? ["primary", "replica"] : ["replica", "primary"];
    const shown = latin1(out.buf, replyStart, Math.min(out.pos - replyStart, ERROR_SHOWN_BYTES));
    server.stats.unexpectedErrors++;
    server.log.write(
      LOG_WARNING,
      `== CRITICAL == This ${from} is sending an error to its ${to}: '${
        shown.trimEnd().slice(1)
      }' ` +
        `after processing the command '${nameOf(engine, session)}'`,
    );
  }
  if (session.link !== null) {
    return session.link.ran(session, session.runEnd - engine.requestEnd, isError);
  }
  if (!session.isReplica || out.pos === replyStart) return;
  out.pos = replyStart;
  engine.acknowledgements.cut(replyStart);
  server.log.write(
    LOG_WARNING,
    `Replica generated a reply to command '${nameOf(engine, session)}', disconnecting it: ` +
      engine.clients.describe(session),
  );
  session.close();
}

function nameOf(engine: Engine, session: Session): string {
  const { lastCommand } = session;
  return lastCommand < 0 ? "<unknown>" : engine.table.specs[lastCommand].name.toLowerCase();
}
