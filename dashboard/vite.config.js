import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the page works under any path of any host.
  base: "./",
  build: {
    target: "es2022",
    // The page is served with `script-src 'self'`: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    // `npm run dev` beside a running `make demo`.
    proxy: { "/api": "http://127.0.0.1:8000", "/demo.json": "http://127.0.0.1:8000" },
  },
});
