(declare-const v0 Bool) ; arg.ticket_id|is task.ticket_id
(declare-const v1 Int) ; arg.ticket_id|sort
(declare-const v2 Int) ; task.ticket_id|sort
(declare-const v3 Bool) ; arg.ticket_id|truth
(declare-const v4 Bool) ; task.ticket_id|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.ticket_id|amount
(declare-const v6 Real) ; arg.ticket_id|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.ticket_id|text
(declare-const v8 Int) ; arg.ticket_id|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Int) ; fact.ticket_state|sort
(define-fun p10 () Bool (or (= v9 0) (= v9 1) (= v9 2) (= v9 3) (= v9 4) (= v9 5)))
(declare-const v10 Bool) ; fact.ticket_state|is amount
(declare-const v11 Int) ; fact.ticket_state|currency
(define-fun p11 () Bool (and v10 (= v11 0)))
(define-fun p12 () Bool (or (not (= v9 2)) p11))
(define-fun p13 () Bool (or (= v9 2) (= v9 3) (= v9 5)))
(define-fun p14 () Bool (or (not v10) p13))
(declare-const v12 Bool) ; fact.ticket_state|is day
(define-fun p15 () Bool (or (not v12) (= v9 3)))
(declare-const v13 Bool) ; fact.ticket_state|is moment
(define-fun p16 () Bool (or (not v13) (= v9 3)))
(declare-const v14 Int) ; fact.ticket_state|length
(declare-const v15 Int) ; fact.ticket_state|text
(define-fun p17 () Bool (and (= v9 3) (= v15 1)))
(define-fun p18 () Bool (or (not p17) (not v10)))
(define-fun p19 () Bool (or (not p17) (not v12)))
(define-fun p20 () Bool (or (not p17) (not v13)))
(define-fun p21 () Bool (and (= v9 3) (= v15 2)))
(define-fun p22 () Bool (or (not p21) (not v10)))
(define-fun p23 () Bool (or (not p21) (not v12)))
(define-fun p24 () Bool (or (not p21) (not v13)))
(define-fun p25 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v16 Bool) ; arg.ticket_id|is amount
(declare-const v17 Int) ; arg.ticket_id|currency
(define-fun p26 () Bool (and v16 (= v17 0)))
(define-fun p27 () Bool (or (not (= v1 2)) p26))
(define-fun p28 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p29 () Bool (or (not v16) p28))
(declare-const v18 Bool) ; arg.ticket_id|is day
(define-fun p30 () Bool (or (not v18) (= v1 3)))
(declare-const v19 Bool) ; arg.ticket_id|is moment
(define-fun p31 () Bool (or (not v19) (= v1 3)))
(declare-const v20 Int) ; arg.ticket_id|length
(declare-const v21 Bool) ; task.ticket_id|is amount
(define-fun p32 () Bool (or (not v16) v21))
(define-fun p33 () Bool (or (not v21) v16))
(define-fun p34 () Bool (and p32 p33))
(define-fun p35 () Bool (or (not v0) p34))
(declare-const v22 Bool) ; task.ticket_id|is day
(define-fun p36 () Bool (or (not v18) v22))
(define-fun p37 () Bool (or (not v22) v18))
(define-fun p38 () Bool (and p36 p37))
(define-fun p39 () Bool (or (not v0) p38))
(declare-const v23 Bool) ; task.ticket_id|is moment
(define-fun p40 () Bool (or (not v19) v23))
(define-fun p41 () Bool (or (not v23) v19))
(define-fun p42 () Bool (and p40 p41))
(define-fun p43 () Bool (or (not v0) p42))
(define-fun p44 () Bool (or (not v0) (= v6 v5)))
(declare-const v24 Int) ; task.ticket_id|currency
(define-fun p45 () Bool (or (not v0) (= v17 v24)))
(declare-const v25 Int) ; task.ticket_id|day
(declare-const v26 Int) ; arg.ticket_id|day
(define-fun p46 () Bool (or (not v0) (= v26 v25)))
(declare-const v27 Int) ; task.ticket_id|moment
(declare-const v28 Int) ; arg.ticket_id|moment
(define-fun p47 () Bool (or (not v0) (= v28 v27)))
(define-fun p48 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p49 () Bool (and v21 (= v24 0)))
(define-fun p50 () Bool (or (not (= v2 2)) p49))
(define-fun p51 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p52 () Bool (or (not v21) p51))
(define-fun p53 () Bool (or (not v22) (= v2 3)))
(define-fun p54 () Bool (or (not v23) (= v2 3)))
(declare-const v29 Int) ; task.ticket_id|length
(declare-const v30 Int) ; arg.status|sort
(define-fun p55 () Bool (or (= v30 0) (= v30 1) (= v30 2) (= v30 3) (= v30 4) (= v30 5)))
(declare-const v31 Bool) ; arg.status|is amount
(declare-const v32 Int) ; arg.status|currency
(define-fun p56 () Bool (and v31 (= v32 0)))
(define-fun p57 () Bool (or (not (= v30 2)) p56))
(define-fun p58 () Bool (or (= v30 2) (= v30 3) (= v30 5)))
(define-fun p59 () Bool (or (not v31) p58))
(declare-const v33 Bool) ; arg.status|is day
(define-fun p60 () Bool (or (not v33) (= v30 3)))
(declare-const v34 Bool) ; arg.status|is moment
(define-fun p61 () Bool (or (not v34) (= v30 3)))
(declare-const v35 Int) ; arg.status|length
(declare-const v36 Int) ; arg.status|text
(define-fun p62 () Bool (and (= v30 3) (= v36 1)))
(define-fun p63 () Bool (or (not p62) (not v31)))
(define-fun p64 () Bool (or (not p62) (not v33)))
(define-fun p65 () Bool (or (not p62) (not v34)))
(define-fun p66 () Bool (and (= v30 3) (= v36 2)))
(define-fun p67 () Bool (or (not p66) (not v31)))
(define-fun p68 () Bool (or (not p66) (not v33)))
(define-fun p69 () Bool (or (not p66) (not v34)))
(define-fun p70 () Bool (and (= v30 3) (= v36 3)))
(define-fun p71 () Bool (or (not p70) (not v31)))
(define-fun p72 () Bool (or (not p70) (not v33)))
(define-fun p73 () Bool (or (not p70) (not v34)))
(define-fun p74 () Bool (and (= v30 3) (= v36 4)))
(define-fun p75 () Bool (or (not p74) (not v31)))
(define-fun p76 () Bool (or (not p74) (not v33)))
(define-fun p77 () Bool (or (not p74) (not v34)))
(define-fun p78 () Bool (and (= v30 3) (= v36 5)))
(define-fun p79 () Bool (or (not p78) (not v31)))
(define-fun p80 () Bool (or (not p78) (not v33)))
(define-fun p81 () Bool (or (not p78) (not v34)))
(define-fun p82 () Bool (and (= v30 3) (= v36 7)))
(define-fun p83 () Bool (or (not p82) (not v31)))
(define-fun p84 () Bool (or (not p82) (not v33)))
(define-fun p85 () Bool (or (not p82) (not v34)))
(declare-const v37 Int) ; arg.refund|sort
(define-fun p86 () Bool (or (= v37 0) (= v37 1) (= v37 2) (= v37 3) (= v37 4) (= v37 5)))
(declare-const v38 Bool) ; arg.refund|is amount
(declare-const v39 Int) ; arg.refund|currency
(define-fun p87 () Bool (and v38 (= v39 0)))
(define-fun p88 () Bool (or (not (= v37 2)) p87))
(define-fun p89 () Bool (or (= v37 2) (= v37 3) (= v37 5)))
(define-fun p90 () Bool (or (not v38) p89))
(declare-const v40 Bool) ; arg.refund|is day
(define-fun p91 () Bool (or (not v40) (= v37 3)))
(declare-const v41 Bool) ; arg.refund|is moment
(define-fun p92 () Bool (or (not v41) (= v37 3)))
(declare-const v42 Int) ; arg.refund|length
(define-fun p93 () Bool (and p9 p10 p12 p14 p15 p16 (>= v14 0) p18 p19 p20 p22 p23 p24 p25 p27 p29 p30 p31 (>= v20 0) p35 p39 p43 p44 p45 p46 p47 p48 p50 p52 p53 p54 (>= v29 0) p55 p57 p59 p60 p61 (>= v35 0) p63 p64 p65 p67 p68 p69 p71 p72 p73 p75 p76 p77 p79 p80 p81 p83 p84 p85 p86 p88 p90 p91 p92 (>= v42 0)))
(declare-const v43 Int) ; day
(define-fun p94 () Bool (and (>= v43 739941) (<= v43 740071)))
(declare-const v44 Bool) ; fact.ticket_state|present
(declare-const v45 Bool) ; arg.ticket_id|present
(define-fun p95 () Bool (and v45 v0))
(declare-const v46 Bool) ; arg.status|present
(define-fun p96 () Bool (or p62 p66 p70))
(define-fun p97 () Bool (and v46 p96))
(define-fun p98 () Bool (or p17 p21))
(define-fun p99 () Bool (or (= v30 3) (= v30 3)))
(define-fun p100 () Bool (or p74 p78 (not p99)))
(define-fun p101 () Bool (and v46 p100))
(define-fun p102 () Bool (and v44 p95 p97 p98 (not p101)))
(declare-const v47 Bool) ; arg.refund|present
(define-fun p103 () Bool (or (= v39 0) (= v39 6)))
(define-fun p104 () Bool (and v38 p103))
(declare-const v48 Real) ; arg.refund|amount
(define-fun p105 () Bool (and p104 (>= v48 0.0)))
(define-fun p106 () Bool (and p104 (<= v48 50.0)))
(define-fun p107 () Bool (and p105 p106))
(define-fun p108 () Bool (and v47 p107))
(define-fun p109 () Bool (or p108 (not v47)))
(define-fun p110 () Bool (and p109 (<= v43 740012)))
(define-fun p111 () Bool (and p104 (> v48 50.0)))
(define-fun p112 () Bool (and p104 (<= v48 500.0)))
(define-fun p113 () Bool (and p111 p112))
(define-fun p114 () Bool (and v47 p113))
(define-fun p115 () Bool (and p110 (not p114)))
(define-fun p116 () Bool (and p102 p115))
(define-fun p117 () Bool (and p102 p114))
(define-fun p118 () Bool (or p116 p117))
(define-fun p119 () Bool (and p104 (<= v48 400.0)))
(define-fun p120 () Bool (and p105 p119))
(define-fun p121 () Bool (or (not v47) p120))
(define-fun p122 () Bool (or p62 p82))
(define-fun p123 () Bool (or (not v46) p122))
(define-fun p124 () Bool (and p121 p123))
(define-fun p125 () Bool (and p118 (not p124)))
(define-fun p126 () Bool (and p94 p125))
(define-fun p127 () Bool (and p93 p126))
(assert p127)

; --- next
(declare-const v0 Bool) ; arg.ticket_id|is task.ticket_id
(declare-const v1 Int) ; arg.ticket_id|sort
(declare-const v2 Int) ; task.ticket_id|sort
(declare-const v3 Bool) ; arg.ticket_id|truth
(declare-const v4 Bool) ; task.ticket_id|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.ticket_id|amount
(declare-const v6 Real) ; arg.ticket_id|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.ticket_id|text
(declare-const v8 Int) ; arg.ticket_id|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Int) ; fact.ticket_state|sort
(define-fun p10 () Bool (or (= v9 0) (= v9 1) (= v9 2) (= v9 3) (= v9 4) (= v9 5)))
(declare-const v10 Bool) ; fact.ticket_state|is amount
(declare-const v11 Int) ; fact.ticket_state|currency
(define-fun p11 () Bool (and v10 (= v11 0)))
(define-fun p12 () Bool (or (not (= v9 2)) p11))
(define-fun p13 () Bool (or (= v9 2) (= v9 3) (= v9 5)))
(define-fun p14 () Bool (or (not v10) p13))
(declare-const v12 Bool) ; fact.ticket_state|is day
(define-fun p15 () Bool (or (not v12) (= v9 3)))
(declare-const v13 Bool) ; fact.ticket_state|is moment
(define-fun p16 () Bool (or (not v13) (= v9 3)))
(declare-const v14 Int) ; fact.ticket_state|length
(declare-const v15 Int) ; fact.ticket_state|text
(define-fun p17 () Bool (and (= v9 3) (= v15 1)))
(define-fun p18 () Bool (or (not p17) (not v10)))
(define-fun p19 () Bool (or (not p17) (not v12)))
(define-fun p20 () Bool (or (not p17) (not v13)))
(define-fun p21 () Bool (and (= v9 3) (= v15 2)))
(define-fun p22 () Bool (or (not p21) (not v10)))
(define-fun p23 () Bool (or (not p21) (not v12)))
(define-fun p24 () Bool (or (not p21) (not v13)))
(define-fun p25 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v16 Bool) ; arg.ticket_id|is amount
(declare-const v17 Int) ; arg.ticket_id|currency
(define-fun p26 () Bool (and v16 (= v17 0)))
(define-fun p27 () Bool (or (not (= v1 2)) p26))
(define-fun p28 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p29 () Bool (or (not v16) p28))
(declare-const v18 Bool) ; arg.ticket_id|is day
(define-fun p30 () Bool (or (not v18) (= v1 3)))
(declare-const v19 Bool) ; arg.ticket_id|is moment
(define-fun p31 () Bool (or (not v19) (= v1 3)))
(declare-const v20 Int) ; arg.ticket_id|length
(declare-const v21 Bool) ; task.ticket_id|is amount
(define-fun p32 () Bool (or (not v16) v21))
(define-fun p33 () Bool (or (not v21) v16))
(define-fun p34 () Bool (and p32 p33))
(define-fun p35 () Bool (or (not v0) p34))
(declare-const v22 Bool) ; task.ticket_id|is day
(define-fun p36 () Bool (or (not v18) v22))
(define-fun p37 () Bool (or (not v22) v18))
(define-fun p38 () Bool (and p36 p37))
(define-fun p39 () Bool (or (not v0) p38))
(declare-const v23 Bool) ; task.ticket_id|is moment
(define-fun p40 () Bool (or (not v19) v23))
(define-fun p41 () Bool (or (not v23) v19))
(define-fun p42 () Bool (and p40 p41))
(define-fun p43 () Bool (or (not v0) p42))
(define-fun p44 () Bool (or (not v0) (= v6 v5)))
(declare-const v24 Int) ; task.ticket_id|currency
(define-fun p45 () Bool (or (not v0) (= v17 v24)))
(declare-const v25 Int) ; task.ticket_id|day
(declare-const v26 Int) ; arg.ticket_id|day
(define-fun p46 () Bool (or (not v0) (= v26 v25)))
(declare-const v27 Int) ; task.ticket_id|moment
(declare-const v28 Int) ; arg.ticket_id|moment
(define-fun p47 () Bool (or (not v0) (= v28 v27)))
(define-fun p48 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p49 () Bool (and v21 (= v24 0)))
(define-fun p50 () Bool (or (not (= v2 2)) p49))
(define-fun p51 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p52 () Bool (or (not v21) p51))
(define-fun p53 () Bool (or (not v22) (= v2 3)))
(define-fun p54 () Bool (or (not v23) (= v2 3)))
(declare-const v29 Int) ; task.ticket_id|length
(declare-const v30 Int) ; arg.status|sort
(define-fun p55 () Bool (or (= v30 0) (= v30 1) (= v30 2) (= v30 3) (= v30 4) (= v30 5)))
(declare-const v31 Bool) ; arg.status|is amount
(declare-const v32 Int) ; arg.status|currency
(define-fun p56 () Bool (and v31 (= v32 0)))
(define-fun p57 () Bool (or (not (= v30 2)) p56))
(define-fun p58 () Bool (or (= v30 2) (= v30 3) (= v30 5)))
(define-fun p59 () Bool (or (not v31) p58))
(declare-const v33 Bool) ; arg.status|is day
(define-fun p60 () Bool (or (not v33) (= v30 3)))
(declare-const v34 Bool) ; arg.status|is moment
(define-fun p61 () Bool (or (not v34) (= v30 3)))
(declare-const v35 Int) ; arg.status|length
(declare-const v36 Int) ; arg.status|text
(define-fun p62 () Bool (and (= v30 3) (= v36 1)))
(define-fun p63 () Bool (or (not p62) (not v31)))
(define-fun p64 () Bool (or (not p62) (not v33)))
(define-fun p65 () Bool (or (not p62) (not v34)))
(define-fun p66 () Bool (and (= v30 3) (= v36 2)))
(define-fun p67 () Bool (or (not p66) (not v31)))
(define-fun p68 () Bool (or (not p66) (not v33)))
(define-fun p69 () Bool (or (not p66) (not v34)))
(define-fun p70 () Bool (and (= v30 3) (= v36 3)))
(define-fun p71 () Bool (or (not p70) (not v31)))
(define-fun p72 () Bool (or (not p70) (not v33)))
(define-fun p73 () Bool (or (not p70) (not v34)))
(define-fun p74 () Bool (and (= v30 3) (= v36 4)))
(define-fun p75 () Bool (or (not p74) (not v31)))
(define-fun p76 () Bool (or (not p74) (not v33)))
(define-fun p77 () Bool (or (not p74) (not v34)))
(define-fun p78 () Bool (and (= v30 3) (= v36 5)))
(define-fun p79 () Bool (or (not p78) (not v31)))
(define-fun p80 () Bool (or (not p78) (not v33)))
(define-fun p81 () Bool (or (not p78) (not v34)))
(declare-const v37 Int) ; arg.refund|sort
(define-fun p82 () Bool (or (= v37 0) (= v37 1) (= v37 2) (= v37 3) (= v37 4) (= v37 5)))
(declare-const v38 Bool) ; arg.refund|is amount
(declare-const v39 Int) ; arg.refund|currency
(define-fun p83 () Bool (and v38 (= v39 0)))
(define-fun p84 () Bool (or (not (= v37 2)) p83))
(define-fun p85 () Bool (or (= v37 2) (= v37 3) (= v37 5)))
(define-fun p86 () Bool (or (not v38) p85))
(declare-const v40 Bool) ; arg.refund|is day
(define-fun p87 () Bool (or (not v40) (= v37 3)))
(declare-const v41 Bool) ; arg.refund|is moment
(define-fun p88 () Bool (or (not v41) (= v37 3)))
(declare-const v42 Int) ; arg.refund|length
(define-fun p89 () Bool (and p9 p10 p12 p14 p15 p16 (>= v14 0) p18 p19 p20 p22 p23 p24 p25 p27 p29 p30 p31 (>= v20 0) p35 p39 p43 p44 p45 p46 p47 p48 p50 p52 p53 p54 (>= v29 0) p55 p57 p59 p60 p61 (>= v35 0) p63 p64 p65 p67 p68 p69 p71 p72 p73 p75 p76 p77 p79 p80 p81 p82 p84 p86 p87 p88 (>= v42 0)))
(declare-const v43 Int) ; day
(define-fun p90 () Bool (and (>= v43 739941) (<= v43 740071)))
(declare-const v44 Bool) ; fact.ticket_state|present
(declare-const v45 Bool) ; arg.ticket_id|present
(define-fun p91 () Bool (and v45 v0))
(declare-const v46 Bool) ; arg.status|present
(define-fun p92 () Bool (or p62 p66 p70))
(define-fun p93 () Bool (and v46 p92))
(define-fun p94 () Bool (or p17 p21))
(define-fun p95 () Bool (or (= v30 3) (= v30 3)))
(define-fun p96 () Bool (or p74 p78 (not p95)))
(define-fun p97 () Bool (and v46 p96))
(define-fun p98 () Bool (and v44 p91 p93 p94 (not p97)))
(declare-const v47 Bool) ; arg.refund|present
(define-fun p99 () Bool (or (= v39 0) (= v39 6)))
(define-fun p100 () Bool (and v38 p99))
(declare-const v48 Real) ; arg.refund|amount
(define-fun p101 () Bool (and p100 (>= v48 0.0)))
(define-fun p102 () Bool (and p100 (<= v48 50.0)))
(define-fun p103 () Bool (and p101 p102))
(define-fun p104 () Bool (and v47 p103))
(define-fun p105 () Bool (or p104 (not v47)))
(define-fun p106 () Bool (and p105 (<= v43 740012)))
(define-fun p107 () Bool (and p100 (> v48 50.0)))
(define-fun p108 () Bool (and p100 (<= v48 500.0)))
(define-fun p109 () Bool (and p107 p108))
(define-fun p110 () Bool (and v47 p109))
(define-fun p111 () Bool (and p106 (not p110)))
(define-fun p112 () Bool (and p98 p111))
(define-fun p113 () Bool (and p90 p112))
(define-fun p114 () Bool (and p89 p113))
(assert p114)

; --- next
(declare-const v0 Bool) ; arg.contact_id|is task.contact_id
(declare-const v1 Int) ; arg.contact_id|sort
(declare-const v2 Int) ; task.contact_id|sort
(declare-const v3 Bool) ; arg.contact_id|truth
(declare-const v4 Bool) ; task.contact_id|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.contact_id|amount
(declare-const v6 Real) ; arg.contact_id|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.contact_id|text
(declare-const v8 Int) ; arg.contact_id|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(define-fun p10 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v9 Bool) ; arg.contact_id|is amount
(declare-const v10 Int) ; arg.contact_id|currency
(define-fun p11 () Bool (and v9 (= v10 0)))
(define-fun p12 () Bool (or (not (= v1 2)) p11))
(define-fun p13 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p14 () Bool (or (not v9) p13))
(declare-const v11 Bool) ; arg.contact_id|is day
(define-fun p15 () Bool (or (not v11) (= v1 3)))
(declare-const v12 Bool) ; arg.contact_id|is moment
(define-fun p16 () Bool (or (not v12) (= v1 3)))
(declare-const v13 Int) ; arg.contact_id|length
(declare-const v14 Bool) ; task.contact_id|is amount
(define-fun p17 () Bool (or (not v9) v14))
(define-fun p18 () Bool (or (not v14) v9))
(define-fun p19 () Bool (and p17 p18))
(define-fun p20 () Bool (or (not v0) p19))
(declare-const v15 Bool) ; task.contact_id|is day
(define-fun p21 () Bool (or (not v11) v15))
(define-fun p22 () Bool (or (not v15) v11))
(define-fun p23 () Bool (and p21 p22))
(define-fun p24 () Bool (or (not v0) p23))
(declare-const v16 Bool) ; task.contact_id|is moment
(define-fun p25 () Bool (or (not v12) v16))
(define-fun p26 () Bool (or (not v16) v12))
(define-fun p27 () Bool (and p25 p26))
(define-fun p28 () Bool (or (not v0) p27))
(define-fun p29 () Bool (or (not v0) (= v6 v5)))
(declare-const v17 Int) ; task.contact_id|currency
(define-fun p30 () Bool (or (not v0) (= v10 v17)))
(declare-const v18 Int) ; task.contact_id|day
(declare-const v19 Int) ; arg.contact_id|day
(define-fun p31 () Bool (or (not v0) (= v19 v18)))
(declare-const v20 Int) ; task.contact_id|moment
(declare-const v21 Int) ; arg.contact_id|moment
(define-fun p32 () Bool (or (not v0) (= v21 v20)))
(define-fun p33 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p34 () Bool (and v14 (= v17 0)))
(define-fun p35 () Bool (or (not (= v2 2)) p34))
(define-fun p36 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p37 () Bool (or (not v14) p36))
(define-fun p38 () Bool (or (not v15) (= v2 3)))
(define-fun p39 () Bool (or (not v16) (= v2 3)))
(declare-const v22 Int) ; task.contact_id|length
(define-fun p40 () Bool (and p9 p10 p12 p14 p15 p16 (>= v13 0) p20 p24 p28 p29 p30 p31 p32 p33 p35 p37 p38 p39 (>= v22 0)))
(declare-const v23 Int) ; day
(define-fun p41 () Bool (and (>= v23 739941) (<= v23 740071)))
(declare-const v24 Bool) ; arg.contact_id|present
(define-fun p42 () Bool (and v24 v0))
(define-fun p43 () Bool (and p41 p42))
(define-fun p44 () Bool (and p40 p43))
(assert p44)

; --- next
(declare-const v0 Bool) ; arg.ticket_id|is task.ticket_id
(declare-const v1 Int) ; arg.ticket_id|sort
(declare-const v2 Int) ; task.ticket_id|sort
(declare-const v3 Bool) ; arg.ticket_id|truth
(declare-const v4 Bool) ; task.ticket_id|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.ticket_id|amount
(declare-const v6 Real) ; arg.ticket_id|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.ticket_id|text
(declare-const v8 Int) ; arg.ticket_id|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Int) ; fact.ticket_state|sort
(define-fun p10 () Bool (or (= v9 0) (= v9 1) (= v9 2) (= v9 3) (= v9 4) (= v9 5)))
(declare-const v10 Bool) ; fact.ticket_state|is amount
(declare-const v11 Int) ; fact.ticket_state|currency
(define-fun p11 () Bool (and v10 (= v11 0)))
(define-fun p12 () Bool (or (not (= v9 2)) p11))
(define-fun p13 () Bool (or (= v9 2) (= v9 3) (= v9 5)))
(define-fun p14 () Bool (or (not v10) p13))
(declare-const v12 Bool) ; fact.ticket_state|is day
(define-fun p15 () Bool (or (not v12) (= v9 3)))
(declare-const v13 Bool) ; fact.ticket_state|is moment
(define-fun p16 () Bool (or (not v13) (= v9 3)))
(declare-const v14 Int) ; fact.ticket_state|length
(declare-const v15 Int) ; fact.ticket_state|text
(define-fun p17 () Bool (and (= v9 3) (= v15 1)))
(define-fun p18 () Bool (or (not p17) (not v10)))
(define-fun p19 () Bool (or (not p17) (not v12)))
(define-fun p20 () Bool (or (not p17) (not v13)))
(define-fun p21 () Bool (and (= v9 3) (= v15 2)))
(define-fun p22 () Bool (or (not p21) (not v10)))
(define-fun p23 () Bool (or (not p21) (not v12)))
(define-fun p24 () Bool (or (not p21) (not v13)))
(define-fun p25 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v16 Bool) ; arg.ticket_id|is amount
(declare-const v17 Int) ; arg.ticket_id|currency
(define-fun p26 () Bool (and v16 (= v17 0)))
(define-fun p27 () Bool (or (not (= v1 2)) p26))
(define-fun p28 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p29 () Bool (or (not v16) p28))
(declare-const v18 Bool) ; arg.ticket_id|is day
(define-fun p30 () Bool (or (not v18) (= v1 3)))
(declare-const v19 Bool) ; arg.ticket_id|is moment
(define-fun p31 () Bool (or (not v19) (= v1 3)))
(declare-const v20 Int) ; arg.ticket_id|length
(declare-const v21 Bool) ; task.ticket_id|is amount
(define-fun p32 () Bool (or (not v16) v21))
(define-fun p33 () Bool (or (not v21) v16))
(define-fun p34 () Bool (and p32 p33))
(define-fun p35 () Bool (or (not v0) p34))
(declare-const v22 Bool) ; task.ticket_id|is day
(define-fun p36 () Bool (or (not v18) v22))
(define-fun p37 () Bool (or (not v22) v18))
(define-fun p38 () Bool (and p36 p37))
(define-fun p39 () Bool (or (not v0) p38))
(declare-const v23 Bool) ; task.ticket_id|is moment
(define-fun p40 () Bool (or (not v19) v23))
(define-fun p41 () Bool (or (not v23) v19))
(define-fun p42 () Bool (and p40 p41))
(define-fun p43 () Bool (or (not v0) p42))
(define-fun p44 () Bool (or (not v0) (= v6 v5)))
(declare-const v24 Int) ; task.ticket_id|currency
(define-fun p45 () Bool (or (not v0) (= v17 v24)))
(declare-const v25 Int) ; task.ticket_id|day
(declare-const v26 Int) ; arg.ticket_id|day
(define-fun p46 () Bool (or (not v0) (= v26 v25)))
(declare-const v27 Int) ; task.ticket_id|moment
(declare-const v28 Int) ; arg.ticket_id|moment
(define-fun p47 () Bool (or (not v0) (= v28 v27)))
(define-fun p48 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p49 () Bool (and v21 (= v24 0)))
(define-fun p50 () Bool (or (not (= v2 2)) p49))
(define-fun p51 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p52 () Bool (or (not v21) p51))
(define-fun p53 () Bool (or (not v22) (= v2 3)))
(define-fun p54 () Bool (or (not v23) (= v2 3)))
(declare-const v29 Int) ; task.ticket_id|length
(declare-const v30 Int) ; arg.status|sort
(define-fun p55 () Bool (or (= v30 0) (= v30 1) (= v30 2) (= v30 3) (= v30 4) (= v30 5)))
(declare-const v31 Bool) ; arg.status|is amount
(declare-const v32 Int) ; arg.status|currency
(define-fun p56 () Bool (and v31 (= v32 0)))
(define-fun p57 () Bool (or (not (= v30 2)) p56))
(define-fun p58 () Bool (or (= v30 2) (= v30 3) (= v30 5)))
(define-fun p59 () Bool (or (not v31) p58))
(declare-const v33 Bool) ; arg.status|is day
(define-fun p60 () Bool (or (not v33) (= v30 3)))
(declare-const v34 Bool) ; arg.status|is moment
(define-fun p61 () Bool (or (not v34) (= v30 3)))
(declare-const v35 Int) ; arg.status|length
(declare-const v36 Int) ; arg.status|text
(define-fun p62 () Bool (and (= v30 3) (= v36 1)))
(define-fun p63 () Bool (or (not p62) (not v31)))
(define-fun p64 () Bool (or (not p62) (not v33)))
(define-fun p65 () Bool (or (not p62) (not v34)))
(define-fun p66 () Bool (and (= v30 3) (= v36 2)))
(define-fun p67 () Bool (or (not p66) (not v31)))
(define-fun p68 () Bool (or (not p66) (not v33)))
(define-fun p69 () Bool (or (not p66) (not v34)))
(define-fun p70 () Bool (and (= v30 3) (= v36 3)))
(define-fun p71 () Bool (or (not p70) (not v31)))
(define-fun p72 () Bool (or (not p70) (not v33)))
(define-fun p73 () Bool (or (not p70) (not v34)))
(define-fun p74 () Bool (and (= v30 3) (= v36 4)))
(define-fun p75 () Bool (or (not p74) (not v31)))
(define-fun p76 () Bool (or (not p74) (not v33)))
(define-fun p77 () Bool (or (not p74) (not v34)))
(define-fun p78 () Bool (and (= v30 3) (= v36 5)))
(define-fun p79 () Bool (or (not p78) (not v31)))
(define-fun p80 () Bool (or (not p78) (not v33)))
(define-fun p81 () Bool (or (not p78) (not v34)))
(declare-const v37 Int) ; arg.refund|sort
(define-fun p82 () Bool (or (= v37 0) (= v37 1) (= v37 2) (= v37 3) (= v37 4) (= v37 5)))
(declare-const v38 Bool) ; arg.refund|is amount
(declare-const v39 Int) ; arg.refund|currency
(define-fun p83 () Bool (and v38 (= v39 0)))
(define-fun p84 () Bool (or (not (= v37 2)) p83))
(define-fun p85 () Bool (or (= v37 2) (= v37 3) (= v37 5)))
(define-fun p86 () Bool (or (not v38) p85))
(declare-const v40 Bool) ; arg.refund|is day
(define-fun p87 () Bool (or (not v40) (= v37 3)))
(declare-const v41 Bool) ; arg.refund|is moment
(define-fun p88 () Bool (or (not v41) (= v37 3)))
(declare-const v42 Int) ; arg.refund|length
(define-fun p89 () Bool (and p9 p10 p12 p14 p15 p16 (>= v14 0) p18 p19 p20 p22 p23 p24 p25 p27 p29 p30 p31 (>= v20 0) p35 p39 p43 p44 p45 p46 p47 p48 p50 p52 p53 p54 (>= v29 0) p55 p57 p59 p60 p61 (>= v35 0) p63 p64 p65 p67 p68 p69 p71 p72 p73 p75 p76 p77 p79 p80 p81 p82 p84 p86 p87 p88 (>= v42 0)))
(declare-const v43 Int) ; day
(define-fun p90 () Bool (and (>= v43 739941) (<= v43 740071)))
(declare-const v44 Bool) ; fact.ticket_state|present
(declare-const v45 Bool) ; arg.ticket_id|present
(define-fun p91 () Bool (and v45 v0))
(declare-const v46 Bool) ; arg.status|present
(define-fun p92 () Bool (or p62 p66 p70))
(define-fun p93 () Bool (and v46 p92))
(define-fun p94 () Bool (or p17 p21))
(define-fun p95 () Bool (or (= v30 3) (= v30 3)))
(define-fun p96 () Bool (or p74 p78 (not p95)))
(define-fun p97 () Bool (and v46 p96))
(define-fun p98 () Bool (and v44 p91 p93 p94 (not p97)))
(declare-const v47 Bool) ; arg.refund|present
(define-fun p99 () Bool (or (= v39 0) (= v39 6)))
(define-fun p100 () Bool (and v38 p99))
(declare-const v48 Real) ; arg.refund|amount
(define-fun p101 () Bool (and p100 (>= v48 0.0)))
(define-fun p102 () Bool (and p100 (<= v48 50.0)))
(define-fun p103 () Bool (and p101 p102))
(define-fun p104 () Bool (and v47 p103))
(define-fun p105 () Bool (or p104 (not v47)))
(define-fun p106 () Bool (and p105 (<= v43 740012)))
(define-fun p107 () Bool (and p100 (> v48 50.0)))
(define-fun p108 () Bool (and p100 (<= v48 500.0)))
(define-fun p109 () Bool (and p107 p108))
(define-fun p110 () Bool (and v47 p109))
(define-fun p111 () Bool (and p106 (not p110)))
(define-fun p112 () Bool (and p98 p111))
(define-fun p113 () Bool (and p98 p106))
(define-fun p114 () Bool (and p112 (not p113)))
(define-fun p115 () Bool (and p90 p114))
(define-fun p116 () Bool (and p89 p115))
(assert p116)

; --- next
(assert false)
