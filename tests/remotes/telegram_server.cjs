// SPDX-License-Identifier: MIT
// telegram-test-api as a process: node telegram_server.cjs PORT, with NODE_PATH naming its modules.
const { TelegramServer } = require('telegram-test-api/lib/telegramServer.js');

new TelegramServer({ host: '127.0.0.1', port: Number(process.argv[2]), storeTimeout: 3600 }).start();
