-- Records that are gone from a document and not asked about yet, each with the time when that was seen
-- first: so that a death of the keeper forgets none.
ALTER TABLE documents ADD COLUMN absent TEXT NOT NULL DEFAULT '[]';
CREATE INDEX documents_quarantined ON documents (path) WHERE absent <> '[]';
