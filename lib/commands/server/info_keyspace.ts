// info_keyspace.ts: INFO's section about databases: a line for each that has keys.

import { keyCount, keyCountVolatile, keyCountVolatileHashes } from "../../engine/keyspace.ts";
import type { Ctx } from "../context.ts";
import type { InfoText } from "./info_text.ts";

export function infoKeyspace(ctx: Ctx, info: InfoText): void {
  const ks = ctx.keyspace;
  info.section("Keyspace");
  for (const db of ks.dbs) {
    const keys = keyCount(ks, db);
    const expires = keyCountVolatile(ks, db);
    if (keys === 0 && expires === 0) continue;
    info.line(
      `db${db.index}`,
      `keys=${keys},expires=${expires},avg_ttl=${Math.floor(db.meanTtlMs)},` +
        `keys_with_volatile_items=${keyCountVolatileHashes(ks, db)}`,
    );
  }
}
