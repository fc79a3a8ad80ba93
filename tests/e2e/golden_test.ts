// golden_test.ts: the recorded answers of the reference server, replayed over a socket against the
// program as users run it: every case all of whose commands are in our table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFailure, knownCommandsFilter } from "../../scripts/golden.ts";
import { type GoldenFailure, goldenFamilies, GoldenPlayer, loadGolden } from "../kit/golden.ts";
import { withServer } from "../kit/server.ts";
import { sharedPath, skipped } from "../kit/shared.ts";

const SHOWN = 10;
const OPTIONS = { args: ["--enable-debug-command", "yes"] };

test("recorded answers over a socket", async () => {
  const folder = sharedPath("golden");
  if (folder === undefined) return skipped();
  const known = knownCommandsFilter();
  await withServer(OPTIONS, async (server) => {
    const player = new GoldenPlayer(server.transport());
    const failures: GoldenFailure[] = [];
    for (const family of goldenFamilies(folder)) {
      for (const golden of loadGolden(folder, family).filter(known)) {
        failures.push(...(await player.play(golden)).failures);
      }
    }
    player.close();
    const shown = failures.slice(0, SHOWN).map(formatFailure).join("\n");
    assert.equal(failures.length, 0, `${failures.length} steps differ\n${shown}`);
  });
});
