//! One simulated agent: claims, works, leaves notes, completes; at a pace that people can follow.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::client::{Answered, Client, ClientError};
use super::luck::Luck;
use super::sample::Sample;

/// Tasks in review that are left to the person; more are reviewed by agents.
const REVIEWS_LEFT: usize = 2;

/// What all agents of a demo share.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) program: PathBuf,
    pub(super) root: PathBuf,
    pub(super) sample: Sample,
    /// How many times faster than people can follow.
    pub(super) speed: u64,
    /// Follow-ups that were made.
    pub(super) made: AtomicUsize,
}

pub(super) struct Agent {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) luck: Luck,
    pub(super) office: Arc<Office>,
}

impl Agent {
    /// Comes to work after a while.
    pub(super) async fn arrive(&mut self) -> Result<Client, ClientError> {
        self.rest(100, 2_500).await;
        let who = (self.name, self.version);
        let client = Client::start(&self.office.program, &self.office.root, who).await?;
        client.call("session_status", json!({})).await?.ok();
        Ok(client)
    }

    /// Works until the server goes away; dropped, it stops where it is.
    pub(super) async fn work(&mut self, client: &Client) -> Result<(), ClientError> {
        loop {
            self.rest(600, 2_000).await;
            let claimed = client.call("task_claim", json!({})).await?;
            match claimed.ok().as_ref().and_then(task) {
                Some(id) => self.do_task(client, &id).await?,
                None => self.look_around(client).await?,
            }
        }
    }

    async fn rest(&mut self, least: u64, most: u64) {
        let pause = self.luck.pause(least, most);
        let speed = u32::try_from(self.office.speed.max(1)).unwrap_or(u32::MAX);
        tokio::time::sleep(pause / speed).await;
    }

    /// Does a task that is held, its parts first.
    async fn do_task(&mut self, client: &Client, id: &str) -> Result<(), ClientError> {
        let query = json!({ "parent": id, "status": ["pending"] });
        for part in tasks(&client.call("task_query", query).await?) {
            // Somebody else may have been faster.
            if client.call("task_claim", json!({ "task_id": part })).await?.is_ok() {
                self.work_on(client, &part).await?;
            }
        }
        self.work_on(client, id).await
    }

    async fn work_on(&mut self, client: &Client, id: &str) -> Result<(), ClientError> {
        for _ in 0..2 + self.luck.below(4) {
            self.rest(1_000, 4_000).await;
            self.take_a_step(client, id).await?;
        }
        let sample = &self.office.sample;
        let end = match self.luck.below(100) {
            0..6 => {
                return release(client, id, "something more urgent came up; nothing is lost").await;
            }
            6..13 => {
                let reason = self.luck.pick(&sample.blockers);
                json!({ "task_id": id, "status": "blocked", "reason": reason })
            }
            13..22 => {
                let (result, reason) = (self.luck.pick(&sample.results), "please have a look");
                json!({ "task_id": id, "status": "review", "summary": result, "reason": reason })
            }
            _ => json!({ "task_id": id, "summary": self.luck.pick(&sample.results) }),
        };
        match client.call("task_complete", end).await? {
            Ok(_) if self.luck.percent(20) => self.plan_more(client).await,
            Ok(_) => Ok(()),
            Err(_) => release(client, id, "it cannot be finished yet").await,
        }
    }

    /// Reads again, leaves a note, or looks at what the others do.
    async fn take_a_step(&mut self, client: &Client, id: &str) -> Result<(), ClientError> {
        let step: Answered = match self.luck.below(10) {
            0..3 => {
                let note = self.luck.pick(&self.office.sample.notes).to_owned();
                let key = format!("notes {}", self.name);
                client.call("context", json!({ "key": key, "value": note })).await?
            }
            3..5 => client.call("events", json!({ "limit": 5 })).await?,
            5..7 => client.call("task_claim", json!({ "task_id": id, "action": "renew" })).await?,
            _ => client.call("task_get", json!({ "task_id": id })).await?,
        };
        // Whoever looks around can be refused, as when a person took the task over.
        step.ok();
        Ok(())
    }

    /// Finds something to do when nothing is ready.
    async fn look_around(&mut self, client: &Client) -> Result<(), ClientError> {
        let query = json!({ "status": ["blocked"], "limit": 5 });
        let blocked = tasks(&client.call("task_query", query).await?);
        if let Some(id) = blocked.first().filter(|_| self.luck.percent(60)) {
            let back =
                json!({ "task_id": id, "status": "pending", "reason": "the answer is here" });
            client.call("task_complete", back).await?.ok();
            return Ok(());
        }
        let query = json!({ "status": ["review"], "limit": 5 });
        let waiting = tasks(&client.call("task_query", query).await?);
        if let Some(id) = waiting.get(REVIEWS_LEFT) {
            self.rest(1_000, 3_000).await;
            client.call("task_complete", json!({ "task_id": id })).await?.ok();
            return Ok(());
        }
        if self.luck.percent(50) {
            return self.plan_more(client).await;
        }
        let wait = 5 / self.office.speed.clamp(1, 5);
        client.call("events", json!({ "wait_seconds": wait, "others_only": true })).await?.ok();
        Ok(())
    }

    /// Creates work that came up.
    async fn plan_more(&mut self, client: &Client) -> Result<(), ClientError> {
        let made = self.office.made.fetch_add(1, Ordering::Relaxed);
        let follow_ups = &self.office.sample.follow_ups;
        let task = if let Some(task) = follow_ups.get(made) {
            json!({
                "title": task.title, "group": task.group, "priority": task.priority,
                "role": task.role, "estimate_minutes": task.estimate,
            })
        } else {
            let about = follow_ups.get(made % follow_ups.len().max(1));
            let (title, group) =
                about.map_or(("it", "none"), |task| (task.title.as_str(), task.group.as_str()));
            let chore = self.luck.pick(&self.office.sample.chores).replace("{}", title);
            json!({ "title": chore, "group": group, "role": "implementer" })
        };
        client.call("task_create", json!({ "tasks": [task] })).await?.ok();
        Ok(())
    }
}

async fn release(client: &Client, id: &str, reason: &str) -> Result<(), ClientError> {
    let release = json!({ "task_id": id, "action": "release", "reason": reason });
    // A refusal means that a person was faster; the next round looks again.
    client.call("task_claim", release).await?.ok();
    Ok(())
}

/// The id of an answer's task.
fn task(answer: &Value) -> Option<String> {
    answer.get("task")?.get("task_id")?.as_str().map(str::to_owned)
}

/// The ids of the tasks of an answer.
fn tasks(answer: &Answered) -> Vec<String> {
    let listed = answer.as_ref().ok().and_then(|answer| answer.get("tasks")?.as_array());
    let id = |task: &Value| task.get("task_id")?.as_str().map(str::to_owned);
    listed.into_iter().flatten().filter_map(id).collect()
}
