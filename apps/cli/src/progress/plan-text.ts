import type { Plan } from "../spending/forecast.ts";
import { dollars, duration, number } from "./figures.ts";

/** Formats a plan: one line per figure, after its name and at least two spaces. */
export function formatPlan(plan: Plan): string {
  const { answers, invalid, hits, calls, repeats, promptTokens, counted, minutes } = plan;
  const rows: Array<[name: string, figure: string | undefined]> = [
    ["answers", number(answers)],
    ["invalid", invalid === 0 ? undefined : number(invalid)],
    ["hits", number(hits)],
    ["calls", `${number(calls)}${repeats === 0 ? "" : ` (${number(repeats)} more requests are equal to one of them)`}`],
    ["prompt tokens", `${number(promptTokens)}${counted ? "" : ", by length; npm install gpt-tokenizer counts them"}`],
    ["answer tokens", answerTokens(plan)],
    ["cost", calls === 0 ? dollars(0) : cost(plan)],
    ["with --deferred", calls === 0 ? undefined : deferredCost(plan)],
    ["time", minutes === undefined ? undefined : `at least ${duration(minutes * 60)} at these limits`],
  ];
  const shown = rows.filter(([, figure]) => figure !== undefined);
  return shown.map(([name, figure]) => `${name.padEnd(17)}${figure}`).join("\n");
}

function answerTokens({ calls, maxAnswerTokens, usualAnswerTokens }: Plan): string | undefined {
  if (calls === 0) return undefined;
  const most = maxAnswerTokens === undefined ? "not limited by max_tokens" : `at most ${number(maxAnswerTokens)}`;
  return usualAnswerTokens === undefined
    ? most
    : `${most}; ${number(usualAnswerTokens)} if they are as the stored ones`;
}

function deferredCost({ calls, deferredCost: { least, most, usual }, cost: { unknown } }: Plan): string | undefined {
  if (Object.values(unknown).reduce((sum, count) => sum + count, 0) === calls) return undefined;
  const range = most === undefined ? `${dollars(least)} and the answers` : `${dollars(least)} to ${dollars(most)}`;
  return usual === undefined ? range : `${range}; ${dollars(usual)} if answers are as the stored ones`;
}

function cost({ calls, cost: { least, most, usual, unknown } }: Plan): string {
  const without = Object.entries(unknown).map(([model, count]) => `${number(count)} of ${JSON.stringify(model)}`);
  const excluded = `${without.join(", ")}, whose price is unknown`;
  if (Object.values(unknown).reduce((sum, count) => sum + count, 0) === calls) return `unknown: ${excluded}`;
  const range = most === undefined ? `${dollars(least)} and the answers` : `${dollars(least)} to ${dollars(most)}`;
  const about = usual === undefined ? "" : `; ${dollars(usual)} if answers are as the stored ones`;
  return `${range}${about}, by list prices${without.length === 0 ? "" : `, without ${excluded}`}`;
}
