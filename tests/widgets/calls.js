// Calls functions of the front ends for tests in Python: a line of JSON in, a line of JSON out.
import { createInterface } from "node:readline";

/** What each call returns; an argument { result: i } stands for what call i returned. */
async function answer({ modules, calls }) {
  const functions = Object.assign({}, ...(await Promise.all(modules.map((name) => import(name)))));
  const results = [];
  for (const call of calls) {
    const earlier = (_, x) => (x?.result === undefined ? x : results[x.result]);
    const [name, ...inputs] = JSON.parse(call, earlier);
    results.push(functions[name](...inputs));
  }
  return { results };
}

const plain = (_, x) => (ArrayBuffer.isView(x) ? Array.from(x) : x);

for await (const line of createInterface({ input: process.stdin })) {
  const given = await answer(JSON.parse(line)).catch((error) => ({ error: error.stack }));
  console.log(JSON.stringify(given, plain));
}
