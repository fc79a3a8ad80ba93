// golden_test.ts: the recorded answers of the reference server, replayed in process: every case all
// of whose commands are in our table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFailure, knownCommandsFilter } from "../scripts/golden.ts";
import { type GoldenFailure, goldenFamilies, GoldenPlayer, loadGolden } from "./kit/golden.ts";
import { memoryTransport } from "./kit/memory_transport.ts";
import { sharedPath, skipped } from "./kit/shared.ts";

const SHOWN = 10;

const folder = sharedPath("golden");
if (folder === undefined) {
  test("recorded answers", () => skipped());
} else {
  const known = knownCommandsFilter();
  for (const family of goldenFamilies(folder)) {
    test(`recorded answers: ${family}`, async () => {
      const player = new GoldenPlayer(memoryTransport());
      const failures: GoldenFailure[] = [];
      for (const golden of loadGolden(folder, family).filter(known)) {
        failures.push(...(await player.play(golden)).failures);
      }
      player.close();
      const shown = failures.slice(0, SHOWN).map(formatFailure).join("\n");
      assert.equal(failures.length, 0, `${failures.length} steps differ\n${shown}`);
    });
  }
}
