// Preloaded into a function's process: no connection leaves this machine, whatever endpoint a client uses.
'use strict';

const dgram = require('node:dgram');
const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const marker = process.env.LOCAL_CLOUD_MARKER ?? '';

function isLoopback(host) {
  // No host means localhost, too.
  return !host || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function refusal(what) {
  // The parent collects these lines, so that a test sees the refusal even if the function catches the error.
  process.stderr.write(`${marker} REFUSED ${what}\n`);
  return Object.assign(new Error(`the local cloud refuses to leave this machine: ${what}`), {
    code: 'ERR_NOT_LOOPBACK',
  });
}

// Every TCP connection of node:net, node:tls, node:http, node:http2 and fetch comes through here.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...parameters) {
  // Either (options, callback), (port, host, callback), (path, callback), or one already normalized array of these.
  const [first, second] = Array.isArray(parameters[0]) ? parameters[0] : parameters;
  const options =
    typeof first === 'object' && first !== null
      ? first
      : { port: first, host: typeof second === 'string' ? second : undefined };
  // node:https passes a path of null: only a real one makes it a socket in the file system.
  if (!options.path && !isLoopback(options.host)) {
    throw refusal(`${options.host}:${options.port}`);
  }
  return connect.apply(this, parameters);
};

dgram.createSocket = () => {
  throw refusal('a datagram socket');
};

// A name server is another machine, too.
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => {
  if (!isLoopback(host)) {
    throw refusal(`lookup of ${host}`);
  }
  return lookup(host, ...rest);
};
const promisedLookup = dns.promises.lookup;
dns.promises.lookup = (host, ...rest) =>
  isLoopback(host) ? promisedLookup(host, ...rest) : Promise.reject(refusal(`lookup of ${host}`));
for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  for (const name of Object.getOwnPropertyNames(holder)) {
    if (/^(resolve|reverse|lookupService)/.test(name) && typeof holder[name] === 'function') {
      holder[name] = (host) => {
        throw refusal(`${name} of ${host}`);
      };
    }
  }
}
syncBuiltinESMExports();
