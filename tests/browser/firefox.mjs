// Opens the page on scaling in Firefox, presses a key in its widget, and prints what came of it as JSON.
//   node tests/browser/firefox.mjs /usr/bin/firefox-esr http://127.0.0.1:8000/book/….html
// Playwright drives a Firefox of its own alone; Puppeteer drives the one that is installed.
import puppeteer from "puppeteer-core";

const [executablePath, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath });
try {
  const page = await browser.newPage();
  const [errors, asked] = [[], []];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(url);
  await page.waitForSelector(".attn-widget data[value]");
  const sentence = () => page.$eval(".attn-sentence", (node) => node.textContent);
  const before = await sentence();
  await page.focus('.attn-widget input[data-name="d_k"]');
  await page.keyboard.press("Home");
  console.log(JSON.stringify({ before, after: await sentence(), errors, asked }));
} finally {
  await browser.close();
}
