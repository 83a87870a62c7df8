// Looks at pages in Chromium. Each line of the input is {"page", "width", "dark", "paper"}, the address
// of a page and how to look at it, and "search", what to look for in the search of the page's site; for
// each one line is written: what the browser found.
import { createInterface } from "node:readline";

import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

const browser = await puppeteer.launch({
  // It may run as root, as in a container; what it reads is ours.
  args: ["--no-sandbox"],
  executablePath: await chromium.executablePath(),
  headless: "shell",
});

async function look({ page: address, width, dark, paper, search }) {
  const page = await browser.newPage();
  const said = [];
  const asked = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => said.push(dialog.message()) && dialog.dismiss());
  page.on("response", (it) => it.status() >= 400 && said.push(`${it.status()} ${it.url()}`));
  page.on("request", (request) => asked.push(request.url()));
  await page.setViewport({ width, height: 740, isMobile: width < 600 });
  // Both at once: each of Puppeteer's own functions takes back what the other said.
  const session = await page.createCDPSession();
  await session.send("Emulation.setEmulatedMedia", {
    media: paper ? "print" : "screen",
    features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
  });
  await page.goto(address);
  await page.waitForFunction(() => !document.querySelector("pre.mermaid"));  // until it is drawn
  const results = search ? await searched(page, search) : [];
  const found = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    const text = [...document.querySelectorAll("h1, h2, h3, p, td, th, code, span")];
    const seen = text.filter((element) => !element.closest("thead, figure"));
    // What is painted there, over everything that is behind it.
    const over = (ink, ground) => ground.map((part, at) => ink[3] * ink[at] + (1 - ink[3]) * part);
    const parts = (colour) => {
      const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
      return [red, green, blue, alpha];
    };
    const ground = (element) =>
      element ? over(parts(getComputedStyle(element).backgroundColor), ground(element.parentElement)) : [255, 255, 255];
    const inked = (element, ink) => {
      const behind = ground(element);
      return { tag: element.tagName, ink: over(parts(getComputedStyle(element)[ink]), behind), ground: behind };
    };
    const box = (element) => {
      const { left, right, height } = element.getBoundingClientRect();
      return { left, right, height };
    };
    const badges = [...document.querySelectorAll("span")];
    const bars = [...document.querySelectorAll("i:has(> i)")];
    return {
      lang: document.documentElement.lang,
      title: document.title,
      wide: document.documentElement.scrollWidth,
      // Texts that reach out of the window, or whose letters are too small to read.
      outside: seen
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 200)),
      smallest: Math.min(...seen.map((element) => parseFloat(getComputedStyle(element).fontSize))),
      colours: [style.backgroundColor, style.color],
      inks: [
        ...document.querySelectorAll("p, strong, span, code, td, th"),
      ].map((element) => inked(element, "color")).concat(
        [...badges, ...bars, ...bars.flatMap((bar) => [...bar.children])].map((element) => inked(element, "borderTopColor")),
      ),
      badges: badges.map((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return { text: element.innerText, lines: range.getClientRects().length };
      }),
      bars: bars.map((element) => [element, ...element.children].map(box)),
      drawn: [...document.querySelectorAll("figure svg")].map((svg) => svg.getBoundingClientRect().width),
      text: document.body.innerText,
      // Of what is there to be seen and not only for the other colours.
      missing: [...document.querySelectorAll("article img")]
        .filter((picture) => getComputedStyle(picture).display !== "none" && !picture.naturalWidth)
        .map((picture) => picture.src),
      diagrams: [...document.querySelectorAll("div.mermaid")].map((it) => it.getBoundingClientRect().height),
    };
  });
  const sheets = paper ? (await page.pdf({ format: "A4" })).length : 0;
  await page.close();
  return { ...found, said, asked, sheets, results };
}

// The addresses of the pages that a search lists, the best first.
async function searched(page, words) {
  await page.type("input.md-search__input", words);
  await page.waitForSelector(".md-search-result__meta + .md-search-result__list > li, .md-search-result__list > li");
  return page.$$eval(".md-search-result__link", (links) => links.map((link) => link.href.split("?")[0]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await look(JSON.parse(line)).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
