// Connects the panels to the hub. Each panel is a module that manages one section of the page.

import { connect } from './sse-hub.js';
import { showAnswer } from './panels/answer.js';
import { showChat } from './panels/chat.js';
import { showDebugger } from './panels/debugger.js';
import { showHeader } from './panels/header.js';
import { showLog } from './panels/log.js';
import { showSystem } from './panels/system.js';
import { showTime } from './panels/time.js';
import { tokenOptions } from './panels/token.js';

const DEFAULTS = { hub: '/sse', messages: ['time'], time: 'time', system: 'system', log: 'log', answers: 'answers' };

// Reads page.json, which has the hub's path and the topics of its feeds.
async function configuration() {
  try {
    const answer = await fetch('page.json');
    return answer.ok ? { ...DEFAULTS, ...await answer.json() } : DEFAULTS;
  } catch (error) {
    console.error('page.json cannot be read; using the defaults', error);
    return DEFAULTS;
  }
}

const config = await configuration();
const hubUrl = new URL(config.hub, location.href).href;
const hub = connect(config.hub, tokenOptions());

showHeader(hub, hubUrl);
showTime(hub, config);
showSystem(hub, config.system);
showChat(hub);
showLog(hub, config.log);
showAnswer(hub, config.answers);
showDebugger(hub, hubUrl);
