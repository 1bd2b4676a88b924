// The AWS SDK for JavaScript v3, unmodified: AWS_ENDPOINT_URL_PERSONALIZE_EVENTS and _RUNTIME, set
// by aws_js_test.py, are all that leads it to Freshet.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  PersonalizeEventsClient,
  PutEventsCommand,
  PutItemsCommand,
  PutUsersCommand,
} from '@aws-sdk/client-personalize-events';
import {
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
  PersonalizeRuntimeClient,
} from '@aws-sdk/client-personalize-runtime';

const settings = {
  region: 'us-east-1',
  credentials: {accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret'},
  maxAttempts: 1,
};
const events = new PersonalizeEventsClient(settings);
const runtime = new PersonalizeRuntimeClient(settings);
const arn = 'arn:aws:personalize:us-east-1:123456789012:';

// Items and users of one test, so that tests may share a daemon.
function names(prefix) {
  return (name) => `${prefix}-${name}`;
}

function put(userId, itemId, more = {}) {
  const event = {eventType: 'view', itemId, sentAt: new Date(1767323045123), ...more};
  return events.send(new PutEventsCommand(
      {trackingId: 'tracker', userId, sessionId: `session of ${userId}`, eventList: [event]}));
}

async function recommend(campaign, request) {
  const answer = await runtime.send(
      new GetRecommendationsCommand({campaignArn: `${arn}campaign/${campaign}`, ...request}));
  assert.match(answer.recommendationId, /^RID-[0-9a-f-]{36}$/);
  return answer.itemList.map((item) => item.itemId);
}

function refusedWith(name, status, ...words) {
  return (error) => {
    assert.equal(error.name, name);
    assert.equal(error.$metadata.httpStatusCode, status);
    assert.ok(error.$metadata.requestId);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

test('an event is in the next answer for its user and for everyone', async () => {
  const name = names('next');
  const answer = await put(name('ann'), name('tent'));
  assert.equal(answer.$metadata.httpStatusCode, 200);
  assert.ok(answer.$metadata.requestId);
  await put(name('ann'), name('stove'));
  assert.equal((await recommend('similar-items', {itemId: name('tent')}))[0], name('stove'));
  await put(name('bob'), name('tent'));
  const forBob = await recommend('user-personalization', {userId: name('bob')});
  assert.equal(forBob[0], name('stove'));
  assert.ok(!forBob.includes(name('tent')));
});

test('a fractional time, an object of properties and every other member are taken', async () => {
  const name = names('members');
  await put(name('ann'), undefined, {
    properties: {itemId: name('tent'), eventValue: 4.5, colour: 'red'},
    eventId: name('e1'),
    recommendationId: 'RID-279bc670-9f3a-4633-b670-1183fd50c323',
    impression: [name('tent'), name('lamp')],
    metricAttribution: {eventAttributionSource: 'newsletter'},
  });
  await put(name('ann'), name('stove'), {eventValue: 2});
  assert.equal((await recommend('similar-items', {itemId: name('tent')}))[0], name('stove'));
});

test('items carry their metadata into answers', async () => {
  const name = names('metadata');
  await events.send(new PutItemsCommand({
    datasetArn: `${arn}dataset/shop/ITEMS`,
    items: [{itemId: name('tent'), properties: {genres: 'sleep|walk', creationTimestamp: 15e8}}],
  }));
  await events.send(new PutUsersCommand({
    datasetArn: `${arn}dataset/shop/USERS`,
    users: [{userId: name('ann'), properties: {age: 33}}],
  }));
  await put(name('ann'), name('stove'));
  await put(name('ann'), name('tent'));
  const answer = await runtime.send(new GetRecommendationsCommand({
    campaignArn: `${arn}campaign/similar-items`,
    itemId: name('stove'),
    metadataColumns: {ITEMS: ['GENRES', 'CREATION_TIMESTAMP']},
  }));
  assert.equal(answer.itemList[0].itemId, name('tent'));
  assert.deepEqual(answer.itemList[0].metadata,
                   {genres: 'sleep|walk', creationTimestamp: '1500000000'});
});

test('a ranking puts what belongs to the user first and unknown items last', async () => {
  const name = names('ranking');
  for (const item of ['tent', 'stove']) await put(name('ann'), name(item));
  await put(name('carol'), name('soap'));
  await put(name('bob'), name('tent'));
  const answer = await runtime.send(new GetPersonalizedRankingCommand({
    campaignArn: `${arn}campaign/personalized-ranking`,
    userId: name('bob'),
    inputList: [name('ghost'), name('soap'), name('stove')],
  }));
  assert.deepEqual(answer.personalizedRanking.map((item) => item.itemId),
                   [name('stove'), name('soap'), name('ghost')]);
  assert.ok(answer.personalizedRanking[0].score > 0);
  assert.equal(answer.personalizedRanking[2].score, undefined);
});

test('unknown users and items get what is popular', async () => {
  const name = names('unknown');
  await put(name('ann'), name('tent'));
  assert.ok((await recommend('user-personalization', {userId: name('nobody')})).length > 0);
  assert.ok((await recommend('similar-items', {itemId: name('nothing')})).length > 0);
});

test('each limit is an InvalidInputException that names its member', async () => {
  const invalid = (...words) => refusedWith('InvalidInputException', 400, ...words);
  const event = {eventType: 'view', itemId: 'tent', sentAt: new Date()};
  const putBody = (body) => events.send(new PutEventsCommand(
      {trackingId: 'tracker', sessionId: 's', eventList: [event], ...body}));
  await assert.rejects(putBody({eventList: Array(11).fill(event)}), invalid('eventList', '10'));
  await assert.rejects(putBody({sessionId: 's'.repeat(257)}), invalid('sessionId', '256'));
  await assert.rejects(putBody({eventList: [{...event, impression: Array(26).fill('tent')}]}),
                       invalid('impression', '25'));
  await assert.rejects(putBody({eventList: [{...event, properties: '{broken'}]}),
                       invalid('Error parsing properties json'));
  await assert.rejects(recommend('popularity-count', {numResults: 501}),
                       invalid('numResults', '500'));
  await assert.rejects(events.send(new PutItemsCommand({
    datasetArn: `${arn}dataset/shop/ITEMS`,
    items: Array.from({length: 11}, (_, n) => ({itemId: `i${n}`})),
  })), invalid('items', '10'));
});

test('an unknown campaign is a ResourceNotFoundException', async () => {
  await assert.rejects(recommend('no-such', {userId: 'u'}),
                       refusedWith('ResourceNotFoundException', 404, 'no-such'));
});
