// A service whose model learns while it answers: GET /?text=… predicts, POST / with {"label": …, "text": …} teaches. The
// model is swapped by one reference, so no request waits for training. Usage: node examples/update-server.mjs [PORT]
import { createServer } from "node:http";
import { fromRows, ModelHandle, trainClassifier } from "dualtext/node";

const { model } = await trainClassifier(
  [
    { label: "ham", text: "see you at five" },
    { label: "ham", text: "lunch tomorrow with the team" },
    { label: "spam", text: "win a prize now" },
    { label: "spam", text: "free money, click here" },
  ],
  { keepState: true },
);
const handle = new ModelHandle(model);

const server = createServer(async (request, response) => {
  /** @param {number} status @param {unknown} body */
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  };
  try {
    if (request.method === "POST") {
      let body = "";
      for await (const piece of request) body += piece;
      const { label, text } = JSON.parse(body);
      await handle.update(fromRows([{ Label: label, Text: text }]));
      answer(200, { version: handle.version, labels: handle.current.labels });
      return;
    }
    const text = new URL(request.url ?? "/", "http://localhost").searchParams.get("text") ?? "";
    answer(200, { version: handle.version, ...handle.predict(text) });
  } catch (error) {
    answer(400, { error: error instanceof Error ? error.message : String(error) });
  }
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  console.log(`http://127.0.0.1:${port}/?text=a+free+prize`);
});
