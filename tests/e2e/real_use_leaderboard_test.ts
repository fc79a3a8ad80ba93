// real_use_leaderboard_test.ts: a leaderboard. Scores by day in sorted sets, a week's table as their union, ranks, pages,
// who is near whom; enough players that the sets outgrow their compact form.

import { realUse, type Stage } from "./real_use_kit.ts";

const PLAYERS = 300;
const DAYS = 3;
const PAGE = 5;

function player(n: number): string {
  return `player:${String(n).padStart(3, "0")}`;
}

/** What a player wins on a day; fractions and ties among them. */
function won(n: number, day: number): number {
  return (n * 37 + day * 101) % 250 + (n % 4) / 4;
}

async function leaderboard({ connect, note }: Stage): Promise<void> {
  const client = connect();
  const days = Array.from({ length: DAYS }, (_, day) => `score:day${day}`);
  for (const [day, key] of days.entries()) {
    const pipeline = client.pipeline();
    for (let n = 0; n < PLAYERS; n++) {
      if ((n + day) % 7 !== 0) pipeline.zadd(key, won(n, day), player(n));
    }
    const results = await pipeline.exec() ?? [];
    note(key, results.filter(([error, added]) => error === null && added === 1).length);
  }
  note("encoding", await client.object("ENCODING", days[0]));
  note("week", await client.zunionstore("score:week", DAYS, ...days));
  note("first page", await client.zrevrange("score:week", 0, PAGE - 1, "WITHSCORES"));
  note("last page", await client.zrevrange("score:week", -PAGE, -1, "WITHSCORES"));
  note(
    "best day",
    await client.call("ZUNIONSTORE", ["score:best", DAYS, ...days, "AGGREGATE", "MAX"]),
  );
  note("best", await client.zrange("score:best", "0", "2", "REV", "WITHSCORES"));
  note(
    "every day",
    await client.call("ZINTERSTORE", ["score:all", DAYS, ...days, "WEIGHTS", 1, 2, 0.5]),
  );
  note("weighted", await client.zrange("score:all", "0", "2", "WITHSCORES"));

  const me = player(42);
  const rank = await client.zrevrank("score:week", me) ?? -1;
  note("my rank", rank, await client.zscore("score:week", me));
  note("around me", await client.zrevrange("score:week", rank - 2, rank + 2));
  note("a win", await client.zincrby("score:week", 1000.5, me));
  note("my rank now", await client.zrevrank("score:week", me));
  note("only better", await client.zadd("score:week", "GT", "CH", 1, me));
  note("between", await client.zcount("score:week", 200, "(300"));
  note("page of them", await client.zrangebyscore("score:week", 200, "(300", "LIMIT", 10, 3));
  note("out", await client.zremrangebyscore("score:week", "-inf", "(150"));
  note("left", await client.zcard("score:week"));
  note("prizes", await client.zpopmax("score:week", 3));
  note("no such player", await client.zrank("score:week", "nobody"));
  const results = await client.multi().zadd("score:week", 5, "new").zrank("score:week", "new")
    .zrem("score:week", "new").exec();
  note("in one go", results);
}

realUse("leaderboard", leaderboard, [
  '"score:day0" 257',
  '"score:day1" 258',
  '"score:day2" 257',
  '"encoding" "skiplist"',
  '"week" 300',
  '"first page" ["player:277","550.75","player:081","544.75","player:108","541","player:135","540.25","player:162","536.5"]',
  '"last page" ["player:083","95.5","player:272","80","player:076","76","player:265","62.5","player:069","58.5"]',
  '"best day" 300',
  '"best" ["player:231","249.75","player:027","249.75","player:254","249.5"]',
  '"every day" 172',
  '"weighted" ["player:227","202.125","player:200","203","player:092","217"]',
  '"my rank" 277 "162"',
  '"around me" ["player:238","player:140","player:042","player:271","player:173"]',
  '"a win" "1162.5"',
  '"my rank now" 0',
  '"only better" 0',
  '"between" 86',
  '"page of them" ["player:063","player:161","player:034"]',
  '"out" 19',
  '"left" 281',
  '"prizes" ["player:042","1162.5","player:277","550.75","player:081","544.75"]',
  '"no such player" null',
  '"in one go" [[null,1],[null,0],[null,1]]',
]);
