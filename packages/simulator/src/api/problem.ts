import { randomUUID } from "node:crypto";
import { type Answer, jsonAnswer } from "./exchange.js";

/** A refusal with a documented shape, thrown by the checks and turned into an answer in one place. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.name = "Refusal";
    this.answer = answer;
  }
}

/** The API's error body. `errors` names what is wrong with each parameter. */
export function problem(
  status: number,
  title: string,
  errors: Readonly<Record<string, readonly string[]>> = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const traceId = `00-${randomUUID().replaceAll("-", "")}-0000000000000001-00`;
  return jsonAnswer(
    status,
    JSON.stringify({ type: "about:blank", title, status, traceId, errors, data: {} }),
    headers,
  );
}

/** What a caller gets who sends a value that a parameter does not take. */
export function invalidValue(parameter: string, value: string): Refusal {
  const name = parameter.charAt(0).toUpperCase() + parameter.slice(1);
  return new Refusal(
    problem(400, "One or more validation errors occurred.", {
      [parameter]: [`The value '${value}' is not valid for ${name}.`],
    }),
  );
}

/** The gateway's answer where no operation lies. */
export function noOperation(): Answer {
  return jsonAnswer(
    404,
    JSON.stringify({ statusCode: 404, message: "Unable to match incoming request to an operation." }),
  );
}
