// Charges cards. Every decision is logged as one JSON line with pino.
const express = require("express");
const fs = require("node:fs");
const net = require("node:net");
const pino = require("pino");

const log = pino({ name: "payments", level: process.env.LEVEL || "debug" });
const RATES = JSON.parse(fs.readFileSync(process.env.RATES, "utf8"));
const charges = new Map();
const app = express();
app.use(express.json());
app.use((request, _response, next) => {
  request.log = log.child({ req: Math.random().toString(36).slice(2, 10) });
  request.log.debug({ method: request.method, url: request.url }, "request received");
  next();
});

app.get("/health", (_request, response) => response.json({ charges: charges.size }));

app.post("/charge", async (request, response) => {
  const { customer, amount, currency } = request.body;
  const started = process.hrtime.bigint();
  const fee = amount * RATES[currency].fee + RATES[currency].fixed;
  request.log.trace({ customer, fee }, "fee computed");
  if (amount > 800) {
    request.log.warn({ customer, amount }, "charge above limit, declined");
    return response.status(402).json({ error: "declined" });
  }
  await store(customer, amount);
  const id = `ch${charges.size + 1}`;
  charges.set(id, amount);
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (ms > 300) request.log.warn({ ms }, "slow charge");
  request.log.info({ id, customer, amount, currency, ms }, "charge accepted");
  response.status(201).json({ id, fee });
});

app.post("/charge/:id/refund", (request, response) => {
  if (!charges.delete(request.params.id)) {
    request.log.warn({ id: request.params.id }, "refund of unknown charge");
    return response.status(404).json({ error: "no such charge" });
  }
  request.log.info({ id: request.params.id }, "refund accepted");
  response.json({ ok: true });
});

app.use((error, request, response, _next) => {
  const status = error.status || 500;
  const level = status < 500 ? "warn" : "error";
  (request.log || log)[level]({ err: error, url: request.url }, "request failed");
  response.status(status).json({ error: "failed" });
});

// Keeps the balance in Redis, over its plain protocol, one connection a charge.
function store(customer, amount) {
  if (!process.env.REDIS_PASSWORD) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port: 6379, timeout: 2000 });
    socket.on("connect", () =>
      socket.write(
        `AUTH ${process.env.REDIS_PASSWORD}\r\nINCRBYFLOAT balance:${Number(customer)} ${Number(amount)}\r\nQUIT\r\n`
      )
    );
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("timeout", () => socket.destroy(new Error("balance store timed out")));
    socket.on("error", reject);
    socket.on("close", () => {
      const refusal = answer.split("\r\n").find((line) => line.startsWith("-"));
      if (refusal) reject(new Error(`balance store refused: ${refusal.slice(1)}`));
      else if (answer) resolve();
      else reject(new Error("balance store closed the connection"));
    });
  });
}

setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage();
  log.debug({ rss, heapUsed, charges: charges.size }, "memory");
  if (rss > 220e6) log.warn({ rss }, "memory use is high");
  if (charges.size > 2000) charges.clear();
}, 5000);

process.on("SIGTERM", () => {
  log.info("SIGTERM received, closing");
  server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), 1500).unref();
});
process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "uncaught exception, exiting");
  process.exit(1);
});
const server = app.listen(4000, "127.0.0.1", (error) => {
  if (error) throw error;
  log.info({ port: 4000, node: process.version }, "listening");
});
